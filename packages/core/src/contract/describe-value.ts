const MAX_QUOTE_LENGTH = 60;

/** Describes a value for an error message: short, and never with the content of a data URI. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return describeText(value);
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function describeText(text: string): string {
  if (/^data:/i.test(text.slice(0, 5))) return `a data URI of ${text.length} characters`;
  // JSON quoting keeps a line break in the value from breaking the message.
  if (text.length <= MAX_QUOTE_LENGTH) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, MAX_QUOTE_LENGTH))}… (${text.length} characters)`;
}

/** A name of the client's for an error message: bare where it is a plain word, otherwise quoted as JSON; shortened. */
export function describeName(name: string): string {
  const short = name.length <= MAX_QUOTE_LENGTH ? name : `${name.slice(0, MAX_QUOTE_LENGTH)}…`;
  return /^[\w.[\]-]+$/.test(short) ? short : JSON.stringify(short);
}
