import { PARAMETERS } from '@wan-image/core';
import { checkJsonSize, jsonSizeOf } from '../../domain/json-size.ts';
import { isNestedDeeper } from '../../domain/nesting.ts';
import { tooDeep } from './json-body.ts';

const NUMBERS: ReadonlySet<string> = new Set(['n', 'seed', 'partial_images', 'output_compression']);
const BOOLEANS: ReadonlySet<string> = new Set(['enable_sequential', 'thinking_mode', 'watermark', 'stream']);

/** Texts that stay texts, though they may look like JSON. */
const TEXTS: ReadonlySet<string> = new Set([...PARAMETERS, 'user']);

/** How clients write a pair of an object in a form: `metadata[order]`. */
const METADATA_FIELD = /^metadata\[([^\]]+)\]$/;

/** The fields of a form as the JSON body that means the same. Of two fields with one name the last counts. */
export function valuesOfTexts(fields: readonly (readonly [string, string])[]): Record<string, unknown> {
  const values = new Map<string, unknown>();
  const pairs = new Map<string, string>();
  for (const [name, text] of fields) {
    const key = METADATA_FIELD.exec(name)?.[1];
    if (key !== undefined) pairs.set(key, text);
    else {
      const value = valueOfText(name, text);
      if (value !== undefined) values.set(name, value);
    }
  }
  if (pairs.size > 0) values.set('metadata', { ...objectOf(values.get('metadata')), ...Object.fromEntries(pairs) });
  const body = Object.fromEntries(values);
  checkJsonSize(jsonSizeOf(body));
  return body;
}

/**
 * Converts the text of a form field to its type in the contract. An invalid number or boolean stays a string, which the contract refuses.
 * A field beyond the contract that is a JSON array or object becomes that: a form has no other way to send one. Undefined for an empty
 * field, which counts as missing, except for `prompt`.
 */
function valueOfText(name: string, text: string): unknown {
  if (text === '' && name !== 'prompt') return undefined;
  if (NUMBERS.has(name) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (BOOLEANS.has(name) && /^true$/i.test(text)) return true;
  if (BOOLEANS.has(name) && /^false$/i.test(text)) return false;
  return TEXTS.has(name) || !/^\s*[[{]/.test(text) ? text : jsonOf(name, text);
}

/** The array or object, or the text as it is, if it is not JSON. */
function jsonOf(name: string, text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    if (!isNestedDeeper(value)) return value;
  } catch {
    return text;
  }
  throw tooDeep(name);
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
