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
  recorded: { images: 10, bytes: 8 * 1024 * 1024, delayMs: 0 },
  recordedSmall: { images: 1, bytes: 2048, delayMs: 0 },
} as const satisfies Record<string, CannedResponse>;

export type ResponseName = keyof typeof RESPONSES;

/** What a history service has recorded is selected by the id of the generation. */
const RECORDED: Readonly<Partial<Record<ResponseName, string>>> = {
  recorded: '019ab2c4-0000-7000-8000-',
  recordedSmall: '019ab2c4-0001-7000-8000-',
};

/** The prompt of an item: `late 17`; of what is recorded, its id. */
export function promptOf(name: ResponseName, item: number): string {
  const prefix = RECORDED[name];
  return prefix === undefined ? `${name} ${item}` : prefix + String(item).padStart(12, '0');
}

export function readPrompt(prompt: string): { readonly name: ResponseName; readonly item: number } {
  const recorded = Object.entries(RECORDED).find(([, prefix]) => prompt.startsWith(prefix));
  if (recorded !== undefined) return { name: recorded[0] as ResponseName, item: Number(prompt.slice(-12)) };
  const [name = '', item] = prompt.split(' ');
  if (!Object.hasOwn(RESPONSES, name)) throw new Error(`The prompt "${prompt}" selects no response`);
  return { name: name as ResponseName, item: Number(item) };
}

/** The images for one prompt. Each has another width, within a response and across items, so that mixed-up images show. */
export function imagesOf(prompt: string): readonly Buffer[] {
  const { images } = RESPONSES[readPrompt(prompt).name];
  return Array.from({ length: images }, (_, index) => imageOf(prompt, index));
}

export function imageOf(prompt: string, index: number): Buffer {
  const { name, item } = readPrompt(prompt);
  return png(RESPONSES[name].bytes, 1024 + item + index);
}
