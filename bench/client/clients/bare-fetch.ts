import { writeFile } from 'node:fs/promises';
import { fileOf, MODEL, PROMPT, type BenchClient } from './bench-client.ts';

interface CannedResponse {
  readonly data: readonly { readonly url?: string; readonly b64_json?: string }[];
}

/** No client at all: fetch, and JSON parsed as a whole. */
export function bareFetch(baseUrl: string): BenchClient {
  async function post(request: object): Promise<CannedResponse> {
    const response = await fetch(`${baseUrl}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return (await response.json()) as CannedResponse;
  }
  return {
    async images(count, folder) {
      const { data } = await post({ model: MODEL, prompt: PROMPT, n: count, response_format: 'b64_json' });
      for (const [index, { b64_json: text = '' }] of data.entries()) {
        await writeFile(fileOf(folder, index), Buffer.from(text, 'base64'));
      }
    },
    async small() {
      const { data } = await post({ model: MODEL, prompt: PROMPT });
      return data[0]?.url;
    },
  };
}
