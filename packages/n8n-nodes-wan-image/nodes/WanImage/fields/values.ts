/**
 * Reads parameter values leniently. Expressions and language models often give a number or a boolean as text: unambiguous text is
 * converted, anything else goes to the contract's schema as it is, whose error says what is wrong with it.
 */

const EMPTY = new Set<unknown>([undefined, null, '']);

/** Undefined for an optional parameter that an expression left empty. */
export function definedOnly(value: unknown): unknown {
  return EMPTY.has(value) ? undefined : value;
}

/** A name, trimmed; an expression may also give a number. */
export function toText(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text;
}

export function toWholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : definedOnly(value);
}

export function toBoolean(value: unknown): unknown {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (word === 'true') return true;
  if (word === 'false') return false;
  return definedOnly(value);
}
