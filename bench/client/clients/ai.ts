import { writeFile } from 'node:fs/promises';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateImage } from 'ai';
import { fileOf, MODEL, PROMPT, type BenchClient } from './bench-client.ts';

export function ai(baseUrl: string): BenchClient {
  const provider = createOpenAICompatible({ name: 'stub', apiKey: 'key', baseURL: `${baseUrl}/v1` });
  return {
    async images(count, folder) {
      const { images } = await generateImage({
        model: provider.imageModel(MODEL),
        prompt: PROMPT,
        n: count,
        // Without it the images of one set would take two requests.
        maxImagesPerCall: count,
        maxRetries: 0,
      });
      for (const [index, { uint8Array }] of images.entries()) await writeFile(fileOf(folder, index), uint8Array);
    },
  };
}
