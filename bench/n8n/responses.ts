import { png } from '../support/png.ts';

export interface CannedResponse {
  readonly images: number;
  readonly bytes: number;
  readonly delayMs: number;
}

/** What the stub can respond with. The prompt selects it: every node passes the prompt on as it is. */
export const RESPONSES = {
  large: { images: 12, bytes: 8 * 1024 * 1024, delayMs: 0 },
  small: { images: 1, bytes: 2048, delayMs: 0 },
  late: { images: 1, bytes: 2048, delayMs: 1000 },
} as const satisfies Record<string, CannedResponse>;

export type ResponseName = keyof typeof RESPONSES;

/** The prompt of an item: `late 17`. */
export function promptOf(name: ResponseName, item: number): string {
  return `${name} ${item}`;
}

export function readPrompt(prompt: string): { readonly name: ResponseName; readonly item: number } {
  const [name = '', item] = prompt.split(' ');
  if (!Object.hasOwn(RESPONSES, name)) throw new Error(`The prompt "${prompt}" selects no response`);
  return { name: name as ResponseName, item: Number(item) };
}

/** The images for one prompt. Each has another width, within a response and across items, so that mixed-up images show. */
export function imagesOf(prompt: string): readonly Buffer[] {
  const { name, item } = readPrompt(prompt);
  const { images, bytes } = RESPONSES[name];
  return Array.from({ length: images }, (_, index) => png(bytes, 1024 + item + index));
}
