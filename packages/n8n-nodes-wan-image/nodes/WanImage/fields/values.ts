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

/** Any value as text, for the service to judge. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** Of a list, or of a text with commas; undefined for none. */
export function listOf(value: unknown): string[] | undefined {
  const all: readonly unknown[] = Array.isArray(value) ? value : asText(value).split(/[,，]/);
  const parts = all.map((part) => asText(part).trim());
  const found = parts.filter((part) => part !== '');
  return found.length === 0 ? undefined : found;
}
