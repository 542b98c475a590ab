import { randomFillSync } from 'node:crypto';
import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { startSimulatorProcess } from '../support/service.ts';
import { startVendor } from '../support/n8n/vendor.ts';
import { NODE, workbench } from '../support/n8n/wan-image.ts';

/** Images are streamed from the socket into n8n's binary data, and are never all in memory. */

const MEGABYTE = 1024 * 1024;
const IMAGES = 12;
const IMAGE_BYTES = 8 * MEGABYTE;
/** All twelve are 96 MB, and 128 MB as base64; copying each of them once would take a multiple of that. */
const MOST_GROWTH = 120 * MEGABYTE;

/** The peak memory of the process above that at the start. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  try {
    await work();
  } finally {
    clearInterval(watching);
  }
  return most - before;
}

describe('twelve images of 8 MB, with binary data in files', () => {
  const { run, engine } = workbench();

  test.each(['binary', 'both'])('take less than 120 MB of memory (output %s)', async (output) => {
    // A separate process, so that its memory does not count.
    await using server = await startSimulatorProcess(['--port', '0', '--stub', '--stub-bytes', String(IMAGE_BYTES)]);
    // The first run allocates code and pools, which do not depend on images.
    await run(server, { output, numberOfImages: 1 });
    let count = 0;
    const growth = await growthDuring(async () => {
      const ran = await run(server, { output, imageSet: true, maximumImages: IMAGES });
      expect(ran.error?.message).toBeUndefined();
      count = ran.output(NODE).length;
      for (const { binary } of ran.output(NODE)) expect(binary!['data']!.bytes).toBeGreaterThanOrEqual(IMAGE_BYTES);
      const last = await (await engine()).bytes(ran.output(NODE).at(-1)!.binary!['data']!);
      expect(last.subarray(1, 4).toString()).toBe('PNG');
    });
    expect(count).toBe(IMAGES);
    expect(growth).toBeLessThan(MOST_GROWTH);
  });
});

describe('an image of 8 MB, with binary data in memory', () => {
  const { run, engine } = workbench({ storage: 'default' });

  test.each(['binary', 'both'])('is complete (output %s)', async (output) => {
    const noise = randomFillSync(Buffer.alloc(IMAGE_BYTES));
    const image = Buffer.concat([await encodeImage({ format: 'png', width: 320, height: 240 }), noise]);
    await using vendor = await startVendor({ images: [image] });
    const ran = await run(vendor, { output });
    expect(ran.error?.message).toBeUndefined();
    const [item] = ran.output(NODE);
    expect(item!.binary!['data']!.id).toBeUndefined();
    expect((await (await engine()).bytes(item!.binary!['data']!)).equals(image)).toBe(true);
    expect(item!.json).toMatchObject({ width: 320, height: 240 });
  });
});
