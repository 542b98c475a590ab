/** A signing secret, and the id by which a signature refers to it. */
export interface SigningKey {
  readonly id: string;
  readonly secret: string;
}

/** In characters: even in hex, at four bits each, that is 128 bits. */
const SHORTEST_SECRET = 32;

const LONGEST_ID = 32;

/** Reads `<id>:<secret>[,<id>:<secret>…]`. Problems name an entry by its position, and quote neither ids nor secrets. */
export function readSigningKeys(text: string | null, problem: (message: string) => void): readonly SigningKey[] {
  if (text === null) return [];
  const keys = text.split(',').map((entry, index) => readOne(entry.trim(), index + 1, problem));
  const ids = new Set<string>();
  const secrets = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (key === null) continue;
    if (ids.has(key.id)) problem(`SIGNING_KEYS: entry ${index + 1} repeats an id. Each id must be unique.`);
    if (secrets.has(key.secret))
      problem(`SIGNING_KEYS: entry ${index + 1} repeats a secret. Each key needs its own secret.`);
    ids.add(key.id);
    secrets.add(key.secret);
  }
  return keys.filter((key) => key !== null);
}

function readOne(entry: string, place: number, problem: (message: string) => void): SigningKey | null {
  const [, id, secret] = /^([\w-]+):([\x21-\x7e]+)$/.exec(entry) ?? [];
  if (id === undefined || secret === undefined || id.length > LONGEST_ID) {
    problem(
      `SIGNING_KEYS: entry ${place} must be <id>:<secret>, with an id of 1 to ${LONGEST_ID} letters, digits, "-" or "_" and a secret of ASCII characters without spaces and commas.`,
    );
    return null;
  }
  if (secret.length >= SHORTEST_SECRET) return { id, secret };
  problem(
    `SIGNING_KEYS: the secret of entry ${place} has ${secret.length} characters, and ${SHORTEST_SECRET} are the fewest. "openssl rand -hex 32" makes one.`,
  );
  return null;
}
