const LONGEST_QUOTE = 60;

/** A value as an error message may show it: short, and never the content of a data URI. */
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
  if (text.length <= LONGEST_QUOTE) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, LONGEST_QUOTE))}… (${text.length} characters)`;
}
