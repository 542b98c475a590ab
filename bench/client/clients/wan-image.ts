import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createClient, createFetchTransport, type Transport } from '@wan-image/core';
import { fileOf, MODEL, PROMPT, type BenchClient } from './bench-client.ts';

/** This client with its defaults, over Node's own HTTP client. */
export function overNode(baseUrl: string): BenchClient {
  return wanImage(baseUrl, {});
}

/** This client over fetch. */
export function overFetch(baseUrl: string): BenchClient {
  return wanImage(baseUrl, { transport: createFetchTransport(fetch, { streamsUploads: true }) });
}

function wanImage(baseUrl: string, options: { readonly transport?: Transport }): BenchClient {
  const client = createClient({ baseUrl, apiKey: 'key', ...options });
  return {
    async images(count, folder) {
      await client.generate(
        { model: MODEL, prompt: PROMPT, n: count, enable_sequential: true, response_format: 'b64_json' },
        { sink: (image) => writeFile(fileOf(folder, image.index), image.stream()) },
      );
    },
    async upload(files) {
      const image = await Promise.all(files.map((file) => openAsBlob(file)));
      await client.generate({ model: MODEL, prompt: PROMPT, image });
    },
    async small() {
      const { images } = await client.generate({ model: MODEL, prompt: PROMPT });
      return images[0]?.url ?? undefined;
    },
  };
}
