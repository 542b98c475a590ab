/** Random responses of an image API, well-formed and malformed, for tests that compare two readers. */

/** A number from 0 to 1. The same seed gives the same sequence (mulberry32). */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[below(random, choices.length)] ?? choices[0];
}

/** The bytes of a response. About half are valid; the others are cut off, changed or contain invalid base64. */
export function randomResponse(random: Random): Uint8Array {
  const bytes = new TextEncoder().encode(responseText(random));
  const kind = random();
  if (kind < 0.7) return bytes;
  if (kind < 0.85) return bytes.subarray(0, below(random, bytes.length));
  const changed = Uint8Array.from(bytes);
  changed[below(random, bytes.length)] =
    random() < 0.5 ? pick(random, [0x22, 0x5c, 0x2c, 0x5d, 0x7d, 0x0a]) : below(random, 256);
  return changed;
}

/** Splits bytes into chunks of random sizes, some of them empty. */
export function randomChunks(random: Random, bytes: Uint8Array): Uint8Array[] {
  const longest = pick(random, [1, 3, 17, 100, 1000, 100_000]);
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const chunk = bytes.slice(from, from + below(random, longest + 1));
    chunks.push(chunk);
    from += chunk.length;
  }
  return chunks;
}

function responseText(random: Random): string {
  const members = [member(random, 'data', dataText(random)), member(random, 'created', '1773803391')];
  if (random() < 0.3) members.push(member(random, 'usage', decoy(random)));
  if (random() < 0.2) members.push(member(random, 'metadata', `{"data":[{"b64_json":"QUJD"}]}`));
  if (random() < 0.1) members.push(member(random, 'note', string(random, '"data":[{"b64_json":"QUJD"}] \\ 花店 🎨')));
  if (random() < 0.05) members.push(member(random, 'error', '{"message":"no"}'));
  return `${random() < 0.05 ? '\uFEFF' : ''}${space(random)}${object(random, members)}${space(random)}`;
}

function dataText(random: Random): string {
  if (random() < 0.05) return pick(random, ['null', '{}', '"AAAA"', '[]', '[[{"b64_json":"QUJD"}]]']);
  const entries = Array.from({ length: below(random, 5) }, () => entryText(random));
  return `[${space(random)}${entries.join(`${space(random)},${space(random)}`)}${space(random)}]`;
}

function entryText(random: Random): string {
  if (random() < 0.08) return pick(random, ['null', '"b64_json"', '7', '[{"b64_json":"QUJD"}]', 'true']);
  const members: string[] = [];
  if (random() < 0.7) members.push(member(random, 'b64_json', imageText(random)));
  if (random() < 0.4)
    members.push(member(random, 'url', pick(random, ['null', '""', '"https://a.example/1.png?x=1"', dataUri(random)])));
  if (random() < 0.4)
    members.push(
      member(random, 'revised_prompt', pick(random, ['null', '""', '"b64_json"', string(random, '一间"花店"')])),
    );
  if (random() < 0.2) members.push(member(random, 'more', decoy(random)));
  return object(random, members);
}

function imageText(random: Random): string {
  const kind = random();
  if (kind < 0.05)
    return pick(random, ['null', '""', '7', '["QUJD"]', '{"b64_json":"QUJD"}', '" "', '"data:image/png;base64,"']);
  const length = pick(random, [1, 2, 3, 4, 30, 300]);
  const bytes = Uint8Array.from({ length: below(random, length) + 1 }, () => below(random, 256));
  let text = Buffer.from(bytes).toString('base64');
  if (random() < 0.15)
    text =
      pick(random, ['data:image/png;base64,', 'DATA:image/png;charset=x;base64,', 'data:;base64,', 'data:image/png,']) +
      text;
  if (random() < 0.15) text = corrupted(random, text);
  const escapes = random() < 0.3;
  const characters = Array.from(text, (character) => (escapes ? escaped(random, character) : character));
  const breaks =
    random() < 0.15 ? () => (random() < 0.05 ? pick(random, ['\\n', ' ', '\\t', '\\r\\n']) : '') : () => '';
  return `"${characters.map((character) => breaks() + character).join('')}"`;
}

function dataUri(random: Random): string {
  const prefix = pick(random, [
    'data:image/png;base64,',
    'DATA:;base64,',
    'data: image\\/png;base64,',
    'data:image/png,',
    'data:',
  ]);
  return `"${prefix}${imageText(random).slice(1)}`;
}

function corrupted(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  const kind = below(random, 4);
  if (kind === 0) return text.slice(0, at) + text.slice(at + 1);
  if (kind === 1) return text.replaceAll('+', '-').replaceAll('/', '_');
  if (kind === 2) return text.replaceAll('=', '');
  return (
    text.slice(0, at) +
    pick(random, ['=', '-', '_', '花', '\\"', '\\\\', '\\b', '\\u0000', '!', 'A', '\\x', '\\u00g0', '\n']) +
    text.slice(at)
  );
}

function escaped(random: Random, character: string): string {
  if (character === '/' && random() < 0.5) return '\\/';
  if (random() > 0.1 || character.charCodeAt(0) > 0x7e || character === '\\' || character === '"') return character;
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${random() < 0.5 ? code : code.toUpperCase()}`;
}

function decoy(random: Random): string {
  return pick(random, [
    '{"b64_json":"QUJD"}',
    '[1,{"data":[{"b64_json":"QUJD"}]}]',
    '"\\"data\\""',
    '{}',
    '-1.5e3',
    '"\\\\"',
  ]);
}

function member(random: Random, key: string, value: string): string {
  const written = random() < 0.05 ? key.replace(/[_a]/, (found) => `\\u00${found.charCodeAt(0).toString(16)}`) : key;
  return `"${written}"${space(random)}:${space(random)}${value}`;
}

function object(random: Random, members: string[]): string {
  return `{${space(random)}${shuffled(random, members).join(`${space(random)},${space(random)}`)}${space(random)}}`;
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const remaining = [...values];
  return values.flatMap(() => remaining.splice(below(random, remaining.length), 1));
}

function string(random: Random, text: string): string {
  const json = JSON.stringify(text);
  return random() < 0.5
    ? json
    : json.replace(/[^\x20-\x7e]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function space(random: Random): string {
  return random() < 0.1 ? pick(random, [' ', '\n', '\t', '\r\n  ']) : '';
}
