import { describe, expect, expectTypeOf, test } from 'vitest';
import * as fetchEntry from './index.ts';
import * as nodeEntry from './index.node.ts';
import * as portableEntry from './portable.ts';
import type {
  Client,
  ClientOptions,
  GenerateRequest,
  GeneratedImage,
  Generation,
  GenerationEvent,
  GenerationRecord,
  GenerationSummary,
  HistoryClient,
  ImageRecord,
  PortableClientOptions,
  RerunOverrides,
  WanImageError,
} from './index.ts';

test('the entry points for Node and for other hosts have the same names, and the portable one no others', () => {
  expect(new Set(Object.keys(nodeEntry))).toEqual(new Set(Object.keys(fetchEntry)));
  expectTypeOf<typeof nodeEntry>().toEqualTypeOf<typeof fetchEntry>();
  for (const name of Object.keys(portableEntry)) expect(Object.keys(fetchEntry)).toContain(name);
});

describe('types', () => {
  test('allow a request of the contract, with images in any form', () => {
    expectTypeOf<{ model: 'wan2.7-image'; prompt: string }>().toExtend<GenerateRequest>();
    expectTypeOf<Blob>().toExtend<NonNullable<GenerateRequest['image']>>();
    expectTypeOf<readonly (string | Uint8Array | ArrayBuffer | File)[]>().toExtend<
      NonNullable<GenerateRequest['image']>
    >();
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<NonNullable<GenerateRequest['image']>>();
    expectTypeOf<string>().toExtend<NonNullable<GenerateRequest['size']>>();
  });

  test('refuse any other request', () => {
    const generate: Client['generate'] = () => new Promise(() => undefined);
    const base = { model: 'wan2.7-image', prompt: '花' } as const;
    // @ts-expect-error unknown keys are errors
    void generate({ ...base, sead: 1 });
    // @ts-expect-error another model
    void generate({ ...base, model: 'gpt-image-1' });
    // @ts-expect-error a string is not a number
    void generate({ ...base, n: '2' });
    // @ts-expect-error a string is not a boolean
    void generate({ ...base, watermark: 'no' });
    // @ts-expect-error the prompt is required
    void generate({ model: 'wan2.7-image' });
    expect(generate({ ...base, extra: { bbox_list: [] } })).toBeInstanceOf(Promise);
  });

  test('of results say what may be missing', () => {
    expectTypeOf<Generation['images']>().toEqualTypeOf<readonly GeneratedImage[]>();
    expectTypeOf<GeneratedImage['url']>().toEqualTypeOf<string | null>();
    expectTypeOf<ReturnType<GeneratedImage['bytes']>>().resolves.toEqualTypeOf<Uint8Array>();
    expectTypeOf<ReturnType<Client['stream']>>().toEqualTypeOf<
      AsyncGenerator<GeneratedImage, GenerationSummary, void>
    >();
    expectTypeOf<WanImageError['outcome']>().toEqualTypeOf<'billed' | 'not_billed' | 'unknown'>();
    expectTypeOf<Parameters<typeof fetchEntry.createClient>>().toEqualTypeOf<[options?: ClientOptions | undefined]>();
    expectTypeOf<Parameters<typeof portableEntry.createClient>>().toEqualTypeOf<[options: PortableClientOptions]>();
  });

  test('of a history client are those of its records', () => {
    expectTypeOf<ReturnType<HistoryClient['submit']>>().resolves.toEqualTypeOf<GenerationRecord>();
    expectTypeOf<Parameters<HistoryClient['submit']>[0]>().toEqualTypeOf<GenerateRequest>();
    expectTypeOf<keyof RerunOverrides>().toEqualTypeOf<keyof GenerateRequest>();
    expectTypeOf<Partial<GenerateRequest>>().toExtend<RerunOverrides>();
    expectTypeOf<Parameters<HistoryClient['resolve']>[1]>().toEqualTypeOf<{ outcome: 'billed' | 'not_billed' }>();
    expectTypeOf<ReturnType<HistoryClient['events']>>().toEqualTypeOf<AsyncGenerator<GenerationEvent, void, void>>();
    expectTypeOf<Extract<GenerationEvent, { type: 'image' }>['data']>().toEqualTypeOf<ImageRecord>();
    expectTypeOf<GenerationRecord['input_images'][number]['archived_url']>().toEqualTypeOf<string | null>();
  });
});
