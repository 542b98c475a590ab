import {
  createClient,
  isWanImageError,
  type ClientOptions,
  type GeneratedImage,
  type GenerationRequestInput,
} from '@wan-image/core';
import * as portable from '@wan-image/core/portable';
import { transportContract } from '@wan-image/core/testing';

const request: GenerationRequestInput = { model: 'wan2.7-image', prompt: '一间花店' };
const options: Pick<ClientOptions, 'apiKey' | 'timeoutMs'> = { apiKey: 'any', timeoutMs: 1000 };

/** What the editor of a user has to know: the types of every entry point, none of them `any`. */
export async function typed(): Promise<Uint8Array | null> {
  const client: portable.Client = createClient(options);
  try {
    const { images } = await client.generate(request);
    const image: GeneratedImage | undefined = images[0];
    for await (const next of client.stream(request)) next.index.toFixed();
    // @ts-expect-error: no such model
    await client.generate({ ...request, model: 'wan9' });
    // @ts-expect-error: the portable entry point has no defaults
    portable.createClient(options);
    return image ? await image.bytes() : null;
  } catch (error) {
    if (isWanImageError(error)) error.outcome.at(0);
    return null;
  }
}

export const checks: readonly string[] = transportContract().map(({ name }) => name);
