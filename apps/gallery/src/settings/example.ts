import { DEFAULT_SIZE, MODELS } from '@wan-image/core';

export interface ExampleOptions {
  readonly baseUrl: string;
  readonly prompt: string;
  /** What stands for the API key; null if the service needs none. */
  readonly key: string | null;
}

/** A command that generates one image, in one line, as every shell takes it. */
export function exampleCurl({ baseUrl, prompt, key }: ExampleOptions): string {
  const body = JSON.stringify({ model: MODELS[0], prompt, size: DEFAULT_SIZE });
  return [
    `curl ${baseUrl}/v1/images/generations`,
    ...(key === null ? [] : [`--header 'Authorization: Bearer ${key}'`]),
    `--header 'Content-Type: application/json'`,
    `--data '${body.replaceAll(`'`, String.raw`'\''`)}'`,
  ].join(' ');
}
