import type { GenerationList, GenerationRecord } from '@wan-image/core';

type Read = (ids: readonly string[]) => Promise<GenerationRecord[]>;

/** A page of records, which are read when they are needed: a client that does not read its response holds one batch, not the page. */
export class RecordPage {
  readonly #batches: readonly (readonly string[])[];
  readonly #read: Read;
  readonly #end: Omit<GenerationList, 'object' | 'data'>;

  constructor(batches: readonly (readonly string[])[], read: Read, end: Omit<GenerationList, 'object' | 'data'>) {
    this.#batches = batches;
    this.#read = read;
    this.#end = end;
  }

  /** Whether all of it is read at once. */
  get isSmall(): boolean {
    return this.#batches.length <= 1;
  }

  async list(): Promise<GenerationList> {
    const data: GenerationRecord[] = [];
    for (const ids of this.#batches) data.push(...(await this.#read(ids)));
    return { object: 'list', data, ...this.#end };
  }

  /** The same list as JSON, a batch at a time. */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    let before = '{"object":"list","data":[';
    for (const ids of this.#batches) {
      const records = await this.#read(ids);
      // A record may have been deleted meanwhile.
      if (records.length === 0) continue;
      yield Buffer.from(before + records.map((record) => JSON.stringify(record)).join(','));
      before = ',';
    }
    yield Buffer.from(`${before === ',' ? '' : before}],${JSON.stringify(this.#end).slice(1)}`);
  }
}
