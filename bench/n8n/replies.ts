import { png } from '../support/png.ts';

export interface Reply {
  readonly pictures: number;
  readonly bytes: number;
  readonly delayMs: number;
}

/** What the stub can answer with. The prompt says which: it is what every node sends along as it is. */
export const REPLIES = {
  large: { pictures: 12, bytes: 8 * 1024 * 1024, delayMs: 0 },
  small: { pictures: 1, bytes: 2048, delayMs: 0 },
  late: { pictures: 1, bytes: 2048, delayMs: 1000 },
} as const satisfies Record<string, Reply>;

export type ReplyName = keyof typeof REPLIES;

/** The prompt of an item: `late 17`. */
export function promptOf(name: ReplyName, item: number): string {
  return `${name} ${item}`;
}

export function readPrompt(prompt: string): { readonly name: ReplyName; readonly item: number } {
  const [name = '', item] = prompt.split(' ');
  if (!Object.hasOwn(REPLIES, name)) throw new Error(`No reply is called "${name}"`);
  return { name: name as ReplyName, item: Number(item) };
}

/** The pictures for one prompt. Each of a reply, and each item's, has another width, so that mixed up pictures show. */
export function picturesOf(prompt: string): readonly Buffer[] {
  const { name, item } = readPrompt(prompt);
  const { pictures, bytes } = REPLIES[name];
  return Array.from({ length: pictures }, (_, index) => png(bytes, 1024 + item + index));
}
