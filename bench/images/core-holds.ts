import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@wan-image/core';
import { takeLongestHold } from './hold-watch.ts';
import { HOSTILE, ordinary } from './hostile-files.ts';

/** A program that uses core: sends each file in each form, and prints the longest hold of each as JSON. Nothing listens at its server. */
const client = createClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'bench', retry: { maxRetries: 0 } });
const holds: Record<string, number> = {};
for (const [name, make] of Object.entries({ ...HOSTILE, ordinary })) {
  const bytes = new Uint8Array(make());
  const uri = `data:image/${bytes[0] === 0xff ? 'jpeg' : 'png'};base64,${Buffer.from(bytes).toString('base64')}`;
  for (const [form, image] of Object.entries({ bytes, blob: new Blob([bytes]), uri })) {
    // What was made here is not the work of the client.
    await sleep(20);
    takeLongestHold();
    await client.generate({ model: 'wan2.7-image', prompt: 'x', image }).catch(() => undefined);
    await sleep(20);
    holds[`${name}, ${form}`] = takeLongestHold();
  }
}
process.stdout.write(JSON.stringify(holds));
