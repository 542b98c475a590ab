const NUMBERS: ReadonlySet<string> = new Set(['n', 'seed', 'partial_images', 'output_compression']);
const BOOLEANS: ReadonlySet<string> = new Set(['enable_sequential', 'thinking_mode', 'watermark', 'stream']);

/**
 * Converts the text of a form field to its type in the contract. An invalid number or boolean stays a string, which the contract refuses.
 * Undefined for an empty field, which counts as missing, except for `prompt`.
 */
export function valueOfText(name: string, text: string): unknown {
  if (text === '' && name !== 'prompt') return undefined;
  if (NUMBERS.has(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (BOOLEANS.has(name) && /^true$/i.test(text)) return true;
  if (BOOLEANS.has(name) && /^false$/i.test(text)) return false;
  return text;
}
