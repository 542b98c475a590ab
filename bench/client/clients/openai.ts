import { readFile, writeFile } from 'node:fs/promises';
import OpenAI from 'openai';
import { fileOf, MODEL, PROMPT, type BenchClient } from './bench-client.ts';

export function openai(baseUrl: string): BenchClient {
  const client = new OpenAI({ apiKey: 'key', baseURL: `${baseUrl}/v1`, maxRetries: 0 });
  return {
    async images(count, folder) {
      const { data = [] } = await client.images.generate({
        model: MODEL,
        prompt: PROMPT,
        n: count,
        response_format: 'b64_json',
      });
      for (const [index, { b64_json: text = '' }] of data.entries()) {
        await writeFile(fileOf(folder, index), Buffer.from(text, 'base64'));
      }
    },
    async upload(files) {
      const image = await Promise.all(files.map(dataUriOf));
      // The contract adds `image` to the parameters of OpenAI; the SDK passes unknown parameters on.
      const request = { model: MODEL, prompt: PROMPT, image };
      await client.images.generate(request);
    },
    async small() {
      const { data = [] } = await client.images.generate({ model: MODEL, prompt: PROMPT });
      return data[0]?.url;
    },
  };
}

async function dataUriOf(file: string): Promise<string> {
  return `data:image/png;base64,${await readFile(file, 'base64')}`;
}
