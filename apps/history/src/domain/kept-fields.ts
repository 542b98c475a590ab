/** The most of a JSON object that nobody defined that a record keeps, in bytes of its JSON. */
export const MAX_KEPT_BYTES = 64 * 1024;

/** A sender may use any number of names of any length. */
const MAX_NAMES = 20;
const BEGINNING = /^.{0,60}/su;

/** Fields of an object, as a record keeps them. */
export interface KeptFields {
  /** Each as it came, never a part of it. */
  readonly kept: Readonly<Record<string, unknown>>;
  /**
   * The names of those that did not fit, for people: at most 20, each shortened to 60 characters, and then how many more there are. Null if
   * nothing is missing.
   */
  readonly cut: string[] | null;
}

/** What a record keeps of fields that the contract does not define: in their order, each that fits into what is left of 64 KiB. */
export function keptFields(fields: Readonly<Record<string, unknown>>): KeptFields {
  const cut: string[] = [];
  let room = MAX_KEPT_BYTES;
  const kept = Object.entries(fields).filter(([name, value]) => {
    const bytes = jsonBytes(name, room) + jsonBytes(value, room) + PUNCTUATION;
    const fits = bytes <= room;
    if (fits) room -= bytes;
    else cut.push(name);
    return fits;
  });
  return cut.length === 0 ? { kept: fields, cut: null } : { kept: Object.fromEntries(kept), cut: shown(cut) };
}

/** A colon and a comma for each field. */
const PUNCTUATION = 2;

/** The length of a JSON value as text; of one that is longer than `most`, infinity, and no more of it than that is looked at. */
function jsonBytes(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length > most ? Infinity : Buffer.byteLength(JSON.stringify(value));
  if (typeof value !== 'object' || value === null) return String(value).length;
  let bytes = 2;
  for (const name in value) {
    const inner: unknown = (value as Readonly<Record<string, unknown>>)[name];
    bytes += (Array.isArray(value) ? 0 : jsonBytes(name, most)) + jsonBytes(inner, most - bytes) + PUNCTUATION;
    if (bytes > most) return Infinity;
  }
  return bytes;
}

function shown(names: readonly string[]): string[] {
  const short = names.slice(0, MAX_NAMES).map((name) => shortened(name));
  return names.length > MAX_NAMES ? [...short, `… and ${names.length - MAX_NAMES} more`] : short;
}

/** By code points: half a surrogate pair cannot be stored. */
function shortened(name: string): string {
  const short = BEGINNING.exec(name)?.[0] ?? '';
  return short === name ? name : `${short}…`;
}
