import { readFileSync } from 'node:fs';
import { encodeImage, type ImageRecipe } from './images.ts';

/** A case of `requests.json`: a body, whether the contract accepts it, and the body that is then sent upstream. */
export interface Vector {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly valid: boolean;
  readonly sent?: Readonly<Record<string, unknown>>;
  readonly param?: string;
  /** The case is for a server only, not for the typed client. */
  readonly only?: 'gateway';
}

/** The cases as written, with unresolved recipes. */
export const vectors: readonly Vector[] = (
  JSON.parse(readFileSync(new URL('./requests.json', import.meta.url), 'utf8')) as { cases: Vector[] }
).cases;

/** The body of a case with its recipes (`$repeat`, `$image`) resolved. */
export async function bodyOf(vector: Vector): Promise<Record<string, unknown>> {
  return (await resolveRecipes(vector.body)) as Record<string, unknown>;
}

/** A JSON value with its recipes resolved. */
export async function resolveRecipes(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(resolveRecipes));
  if (typeof value !== 'object' || value === null) return value;
  if ('$repeat' in value) {
    const [text, times] = value.$repeat as [string, number];
    return text.repeat(times);
  }
  if ('$image' in value) {
    const recipe = value.$image as ImageRecipe & { mime?: string };
    const bytes = await encodeImage(recipe);
    return `data:${recipe.mime ?? `image/${recipe.format}`};base64,${bytes.toString('base64')}`;
  }
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await resolveRecipes(inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
