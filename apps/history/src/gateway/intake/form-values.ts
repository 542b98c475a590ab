const NUMBERS: ReadonlySet<string> = new Set(['n', 'seed', 'partial_images', 'output_compression']);
const BOOLEANS: ReadonlySet<string> = new Set(['enable_sequential', 'thinking_mode', 'watermark', 'stream']);

/**
 * What a text of a form stands for, by the contract's types. What is no number or boolean stays a text, for the contract to refuse.
 * Undefined: an empty field is as good as none, but for a prompt.
 */
export function valueOfText(name: string, text: string): unknown {
  if (text === '' && name !== 'prompt') return undefined;
  if (NUMBERS.has(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (BOOLEANS.has(name) && /^true$/i.test(text)) return true;
  if (BOOLEANS.has(name) && /^false$/i.test(text)) return false;
  return text;
}
