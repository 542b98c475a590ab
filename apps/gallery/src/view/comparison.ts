import { PARAMETERS, type GenerationRecord } from '@wan-image/core';

/** A parameter of several generations, side by side. */
export interface ComparedParameter {
  /** As the API calls it. */
  readonly name: string;
  /** One for each generation; null where it was not sent. */
  readonly values: readonly (string | null)[];
  /** Whether they are not all the same. */
  readonly isDifferent: boolean;
}

/** The parameters that any of these generations was sent with, in the order of the contract, then those beyond it. */
export function compareParameters(records: readonly GenerationRecord[]): readonly ComparedParameter[] {
  const requests = records.map(({ request, input_images }) => ({
    ...request,
    // The same file can have several URLs.
    image: input_images.length > 0 ? input_images.map(({ sha256, url }) => sha256 ?? url) : undefined,
  }));
  const known = new Set(PARAMETERS);
  const others = requests.flatMap((request) => Object.keys(request)).filter((name) => !known.has(name));
  return [...PARAMETERS, ...new Set(others)].flatMap((name) => {
    const values = requests.map((request) => textOf((request as Readonly<Record<string, unknown>>)[name]));
    if (values.every((value) => value === null)) return [];
    return [{ name, values, isDifferent: new Set(values).size > 1 }];
  });
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
