import { describe, expect, expectTypeOf, test } from 'vitest';
import * as fetchDoor from './index.ts';
import * as nodeDoor from './index.node.ts';
import * as portableDoor from './portable.ts';
import type {
  Client,
  GenerateInput,
  GeneratedImage,
  Generation,
  GenerationEvent,
  GenerationRecord,
  GenerationSummary,
  HistoryClient,
  ImageRecord,
  WanImageError,
} from './index.ts';

test('the door for Node has the names of the other, and the portable one no name that it has not', () => {
  expect(new Set(Object.keys(nodeDoor))).toEqual(new Set(Object.keys(fetchDoor)));
  expectTypeOf<typeof nodeDoor>().toEqualTypeOf<typeof fetchDoor>();
  for (const name of Object.keys(portableDoor)) expect(Object.keys(fetchDoor)).toContain(name);
});

describe('what compiles', () => {
  test('a request of the contract, with images in any form', () => {
    expectTypeOf<{ model: 'wan2.7-image'; prompt: string }>().toExtend<GenerateInput>();
    expectTypeOf<Blob>().toExtend<NonNullable<GenerateInput['image']>>();
    expectTypeOf<readonly (string | Uint8Array | ArrayBuffer | File)[]>().toExtend<
      NonNullable<GenerateInput['image']>
    >();
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<NonNullable<GenerateInput['image']>>();
    expectTypeOf<GenerateInput['size']>().toEqualTypeOf<string | undefined>();
  });

  test('no other', () => {
    const generate: Client['generate'] = () => new Promise(() => undefined);
    const base = { model: 'wan2.7-image', prompt: '花' } as const;
    // @ts-expect-error unknown keys are errors
    void generate({ ...base, sead: 1 });
    // @ts-expect-error another model
    void generate({ ...base, model: 'gpt-image-1' });
    // @ts-expect-error a text is no number
    void generate({ ...base, n: '2' });
    // @ts-expect-error a text is no truth value
    void generate({ ...base, watermark: 'no' });
    // @ts-expect-error the prompt is required
    void generate({ model: 'wan2.7-image' });
    expect(generate({ ...base, extra: { bbox_list: [] } })).toBeInstanceOf(Promise);
  });

  test('results say what may be missing', () => {
    expectTypeOf<Generation['images']>().toEqualTypeOf<readonly GeneratedImage[]>();
    expectTypeOf<GeneratedImage['url']>().toEqualTypeOf<string | null>();
    expectTypeOf<ReturnType<GeneratedImage['bytes']>>().resolves.toEqualTypeOf<Uint8Array>();
    expectTypeOf<ReturnType<Client['stream']>>().toEqualTypeOf<
      AsyncGenerator<GeneratedImage, GenerationSummary, void>
    >();
    expectTypeOf<WanImageError['outcome']>().toEqualTypeOf<'billed' | 'not_billed' | 'unknown'>();
    expectTypeOf<Parameters<typeof fetchDoor.createClient>[0]>().not.toExtend<{ apiKey?: undefined }>();
  });

  test('a history is asked for what it has', () => {
    expectTypeOf<ReturnType<HistoryClient['submit']>>().resolves.toEqualTypeOf<GenerationRecord>();
    expectTypeOf<Parameters<HistoryClient['submit']>[0]>().toEqualTypeOf<GenerateInput>();
    expectTypeOf<Parameters<HistoryClient['resolve']>[1]>().toEqualTypeOf<{ outcome: 'billed' | 'not_billed' }>();
    expectTypeOf<ReturnType<HistoryClient['events']>>().toEqualTypeOf<AsyncGenerator<GenerationEvent, void, void>>();
    expectTypeOf<Extract<GenerationEvent, { type: 'image' }>['data']>().toEqualTypeOf<ImageRecord>();
    expectTypeOf<GenerationRecord['input_images'][number]['archived_url']>().toEqualTypeOf<string | null>();
  });
});
