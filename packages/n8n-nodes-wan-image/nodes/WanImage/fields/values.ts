/**
 * What a parameter gives. Expressions and language models often give a number or a truth value as text: what says clearly what it is
 * counts as that, everything else goes to the contract's schema as it is, which says what is wrong with it.
 */

const NOTHING = new Set<unknown>([undefined, null, '']);

/** An optional parameter that an expression left empty is one that was not given. */
export function given(value: unknown): unknown {
  return NOTHING.has(value) ? undefined : value;
}

/** A name, without the blanks around it; an expression may give a number as well. */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text;
}

export function wholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : given(value);
}

export function truthValue(value: unknown): unknown {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (word === 'true') return true;
  if (word === 'false') return false;
  return given(value);
}
