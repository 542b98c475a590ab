import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { parseGenerationRequest } from '@wan-image/core';
import { describe, expect, test } from 'vitest';
import { inputImageOf, recordOf } from '../../test/support/record.ts';
import { asCurl, asN8n, asTypeScript, canRepeat } from './copy-as.ts';

const OPEN = { baseUrl: 'http://localhost:3000', isKeyRequired: false };
const KEYED = { baseUrl: 'http://localhost:3000', isKeyRequired: true };

/** Prompts that end a quotation, start a command or an expression, or contain what JSON and JavaScript escape. */
const HOSTILE = [
  `it's a cat'; rm -rf "$HOME" #`,
  '`id` $(id) ${HOME} %PATH% !! \\ \\n \\',
  'two\nlines\r\n\tand a tab',
  '=1+1',
  '={{ $env.SECRET }} }}',
  '</script><img src=x onerror=alert(1)>',
  '图1 的狐狸 🦊 \u2028 \u2029 \u0000 \u007f',
];

/** What a shell makes of a command: its words. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const print = `curl() { for word; do printf '%s\\0' "$word"; done; }`;
  const { stdout } = await promisify(execFile)('sh', ['-c', `${print}\n${command}`], {
    env: { WAN_IMAGE_API_KEY: 'the-key' },
  });
  return stdout.split('\0').slice(0, -1);
}

async function bodyOf(command: string): Promise<Record<string, unknown>> {
  const words = await wordsOf(command);
  return JSON.parse(words[words.indexOf('--data') + 1] ?? '') as Record<string, unknown>;
}

/** The argument of `generate`, evaluated. */
function argumentOf(program: string): Record<string, unknown> {
  const [, object] = /generate\((\{.*\n\})\);\n/s.exec(program) ?? [];
  return runInNewContext(`JSON.parse(JSON.stringify(${object}))`) as Record<string, unknown>;
}

function nodeOf(text: string): { readonly parameters: Record<string, unknown> } & Record<string, unknown> {
  const { nodes } = JSON.parse(text) as { nodes: ReturnType<typeof nodeOf>[] };
  if (nodes[0] === undefined) throw new Error('There is no node');
  return nodes[0];
}

describe.each(HOSTILE)('the prompt %j', (prompt) => {
  const record = recordOf({ prompt, request: { model: 'wan2.7-image', prompt, n: 1, size: '2K' } });

  test('passes a shell as it is', async () => {
    expect((await bodyOf(asCurl(record, OPEN)))['prompt']).toBe(prompt);
  });

  test('is a text of a program', () => {
    expect(argumentOf(asTypeScript(record, OPEN))['prompt']).toBe(prompt);
  });

  test('is a text for n8n, even if it looks like an expression', () => {
    const copied = nodeOf(asN8n(record)).parameters['prompt'] as string;
    if (!copied.startsWith('=')) expect(copied).toBe(prompt);
    else {
      const [, expression] = /^=\{\{ ([^{}]*) \}\}$/.exec(copied) ?? [];
      expect(runInNewContext(expression ?? '')).toBe(prompt);
    }
  });
});

test('a copied request is one of the contract, with the parameters of the generation', async () => {
  const request = { model: 'wan2.7-image', prompt: 'A fox', n: 2, size: '1280x720', seed: 0, watermark: true };
  const record = recordOf({ request });
  const body = await bodyOf(asCurl(record, OPEN));
  expect(body).toEqual(request);
  expect(parseGenerationRequest(body).ok).toBe(true);
  expect(argumentOf(asTypeScript(record, OPEN))).toEqual(request);
  expect(nodeOf(asN8n(record))).toMatchObject({
    type: 'n8n-nodes-wan-image.wanImage',
    parameters: {
      resource: 'image',
      operation: 'generate',
      model: { value: 'wan2.7-image' },
      imageSet: false,
      numberOfImages: 2,
      size: 'custom',
      width: 1280,
      height: 720,
      options: { seed: 0, watermark: true },
    },
  });
});

test('an image set has a maximum, and a preset is no custom size', () => {
  const request = { model: 'wan2.7-image', prompt: 'A fox', n: 6, size: '1K', enable_sequential: true };
  const { parameters } = nodeOf(asN8n(recordOf({ request })));
  expect(parameters).toMatchObject({ imageSet: true, maximumImages: 6, size: '1K' });
  expect(parameters).not.toHaveProperty('numberOfImages');
});

test('input images are URLs that last; n8n gets those of the history by their ids', async () => {
  const record = recordOf({
    request: { model: 'wan2.7-image', prompt: 'A fox', n: 1, size: '2K', image: ['kept elsewhere'] },
    input_images: [
      inputImageOf({ from_image: '019ab2c4-0000-7000-8000-000000000000-2' }),
      inputImageOf({
        index: 1,
        kind: 'url',
        url: 'https://elsewhere.test/a.png',
        archived_url: 'http://history.test/images/x-input-1',
      }),
    ],
  });
  const images = [record.input_images[0]?.url, 'http://history.test/images/x-input-1'];
  expect((await bodyOf(asCurl(record, OPEN)))['image']).toEqual(images);
  expect(argumentOf(asTypeScript(record, OPEN))['image']).toEqual(images);
  expect(nodeOf(asN8n(record)).parameters).toMatchObject({
    operation: 'edit',
    images: {
      image: [
        { source: 'history', imageId: '019ab2c4-0000-7000-8000-000000000000-2' },
        { source: 'url', url: 'http://history.test/images/x-input-1' },
      ],
    },
  });
});

test('parameters beyond the contract are sent as they were', async () => {
  const record = recordOf({ request: { model: 'wan2.7-image', prompt: 'A fox', n: 1, size: '2K', bbox_list: [[1]] } });
  expect((await bodyOf(asCurl(record, OPEN)))['bbox_list']).toEqual([[1]]);
  expect(argumentOf(asTypeScript(record, OPEN))['extra']).toEqual({ bbox_list: [[1]] });
  expect(nodeOf(asN8n(record)).parameters['options']).toMatchObject({ additionalParameters: '{"bbox_list":[[1]]}' });
});

test('a copy has no key but the name of a variable, and only where a key is required', async () => {
  expect(await wordsOf(asCurl(recordOf(), KEYED))).toContain('Authorization: Bearer the-key');
  expect(asCurl(recordOf(), OPEN)).not.toContain('Authorization');
  expect(asTypeScript(recordOf(), KEYED)).toContain(`apiKey: process.env.WAN_IMAGE_API_KEY ?? ''`);
  expect(asTypeScript(recordOf(), OPEN)).toContain(`apiKey: 'any'`);
});

test('a request of which the record misses something cannot be repeated', () => {
  expect([canRepeat(recordOf()), canRepeat(recordOf({ cut: ['bbox_list'] }))]).toEqual([true, false]);
});
