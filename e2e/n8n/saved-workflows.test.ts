import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SMALL, startVendor } from '../support/n8n/vendor.ts';
import { workbench } from '../support/n8n/wan-image.ts';
import type { JsonObject, WorkflowJson } from '../support/n8n/types.ts';

/**
 * Workflows as users have saved them, one for each version of the node, with every parameter. They must not change their behaviour:
 * a change that makes one of these fail needs a new version of the node.
 */

const { runWorkflow } = workbench();

async function saved(name: string): Promise<WorkflowJson> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'fixtures', name), 'utf8')) as WorkflowJson;
}

test('version 1 sends the same requests and returns the same items', async () => {
  await using vendor = await startVendor();
  const workflow = await saved('version-1.json');
  const ran = await runWorkflow(vendor, workflow, { input: [{ json: { season: '春' } }] });
  expect(ran.error?.message).toBeUndefined();
  expect(vendor.bodies).toEqual([
    {
      model: 'wan2.7-image-pro',
      prompt: '一间花店, 春',
      n: 2,
      size: '1280x720',
      enable_sequential: false,
      thinking_mode: false,
      seed: 0,
      watermark: false,
      response_format: 'url',
      bbox_list: [],
    },
    {
      model: 'wan2.7-image',
      prompt: '把图1和图2放在一起',
      image: [`data:image/png;base64,${SMALL.toString('base64')}`, `${vendor.url}/images/0`],
      n: 3,
      size: '1K',
      enable_sequential: true,
      watermark: true,
      response_format: 'url',
    },
  ]);
  const facts = { created: 1_785_312_000, request_id: null, generation_id: null };
  const image = (index: number): JsonObject => ({
    url: `${vendor.url}/images/${index}`,
    revised_prompt: `revised ${index}`,
    width: 320,
    height: 240,
    index,
  });
  const [generated, ...more] = ran.output('Generate');
  expect(more).toEqual([]);
  expect(generated!.json).toEqual({
    images: [
      { ...image(0), binary_field: 'photo' },
      { ...image(1), binary_field: 'photo_1' },
    ],
    model: 'wan2.7-image-pro',
    size: '1280x720',
    seed: 0,
    total: 2,
    ...facts,
  });
  expect(Object.values(generated!.binary!).map(({ fileName }) => fileName)).toEqual(['1-0.png', '2-0.png']);
  expect(generated!.pairedItem).toEqual({ item: 0 });
  expect(ran.output('Edit')).toEqual(
    [0, 1, 2].map((index) => ({
      json: { ...image(index), model: 'wan2.7-image', size: '1K', seed: null, total: 3, ...facts },
      pairedItem: { item: 0 },
    })),
  );
});
