import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { below, pick, type Random } from './random-response.ts';

/**
 * Random changes of a library, several at once, with the service killed between and within them; a model in memory says what has to be there
 * afterwards. Whatever was acknowledged has happened; what was not has happened as a whole or not at all.
 */

/** The service as the machine uses it. */
export interface LibraryHost {
  /** Its address: another one after each start. */
  url(): string;
  /** Ends the process, however hard, and starts the next one on the same data. Requests may be in flight. */
  restart(): Promise<void>;
  /** Ends the process, collects all garbage, and starts the next one. Returns the hashes of the files that remain. */
  sweep(): Promise<readonly string[]>;
  /** The prompts that have reached the upstream, each as often as it has. */
  sentPrompts(): Promise<readonly string[]>;
}

interface ImageState {
  favorite: boolean;
  place: 'shown' | 'bin' | 'purged';
}

/** What has to be recorded of a generation. */
interface GenerationState {
  place: 'shown' | 'bin' | 'purged';
  tags: readonly string[];
  note: string | null;
  images: readonly ImageState[];
}

interface Generation {
  readonly id: string;
  /** Stands in no other prompt. */
  readonly word: string;
  readonly request: Creation;
  /** As the record has them. */
  readonly parents: readonly string[];
  /** Path and signature. */
  readonly imageUrls: readonly string[];
  state: GenerationState;
}

interface Creation {
  readonly path: string;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly word: string;
  readonly parents: readonly string[];
}

interface ImageRecord {
  readonly index: number;
  readonly state: string;
  readonly url: string;
  readonly sha256: string | null;
  readonly favorite: boolean;
  readonly deleted_at: string | null;
}

interface GenerationRecord {
  readonly id: string;
  readonly prompt: string;
  readonly state: string;
  readonly tags: readonly string[];
  readonly note: string | null;
  readonly deleted_at: string | null;
  readonly derived_from: readonly {
    readonly kind: string;
    readonly generation_id: string;
    readonly image_id: string | null;
  }[];
  readonly images: readonly ImageRecord[];
  readonly input_images: readonly {
    readonly url: string;
    readonly state: string | null;
    readonly sha256: string | null;
  }[];
}

interface List<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly count?: { readonly value: number };
}

interface Received<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface Figures {
  readonly generations: Readonly<Record<string, number>>;
  readonly images: number;
}

interface JobRecord {
  readonly id: string;
  readonly state: string;
}

/** One change: of existing generations, or a new one. */
interface Change {
  readonly name: string;
  readonly targets: readonly Generation[];
  /** Sends the request. Throws {@link Lost} if the service ended before it had responded. */
  send(): Promise<void>;
  /** What a target has to be afterwards. */
  after(state: GenerationState): GenerationState;
  /** The request of a new one. */
  readonly creation?: Creation;
}

class Lost extends Error {}

export class BrokenInvariant extends Error {}

function must(holds: boolean, rule: string, facts: unknown): asserts holds {
  if (!holds) throw new BrokenInvariant(`${rule}: ${JSON.stringify(facts)}`);
}

/** A hang of the service fails the run. */
const SETTLE_MS = 120_000;

const TAGS = ['花', '草稿', 'draft', '4K'] as const;

const sorted = (values: readonly string[]): readonly string[] =>
  values.toSorted((one, other) => (one < other ? -1 : 1));

export class LibraryMachine {
  readonly #host: LibraryHost;
  readonly #random: Random;
  readonly #generations: Generation[] = [];
  #names = 0;
  /** How often each kind of change was acknowledged, and how often it was lost. */
  readonly counts = new Map<string, { done: number; lost: number }>();

  constructor(host: LibraryHost, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  /** Makes some changes at once, of different generations. With a kill, the process ends while they are in flight. */
  async step(isKilled: boolean): Promise<void> {
    const free = this.#alive();
    const changes = Array.from({ length: 2 + below(this.#random, 4) }, () => this.#change(free));
    const kill = isKilled ? this.#killSoon() : Promise.resolve();
    const results = await Promise.all(changes.map((change) => this.#run(change)));
    await kill;
    await this.#settle();
    // First what may have deleted what others were made from.
    const isNew = ({ creation }: Change): number => (creation === undefined ? 0 : 1);
    for (const change of changes.toSorted((one, other) => isNew(one) - isNew(other)))
      await this.#record(change, results[changes.indexOf(change)] === 'lost');
  }

  /** Checks everything that the service shows against the model. */
  async check(): Promise<void> {
    await this.#checkLists();
    await this.#checkImages();
    await this.#checkFound();
    await this.#checkUrls();
    await this.#checkReplays();
    await this.#checkFigures();
    const calls = new Map<string, number>();
    for (const prompt of await this.#host.sentPrompts()) calls.set(prompt, (calls.get(prompt) ?? 0) + 1);
    must(
      [...calls.values()].every((count) => count === 1),
      'the upstream was asked twice for the same',
      [...calls].filter(([, count]) => count > 1),
    );
  }

  /** The statistics count everything that ever was, the timeline what is shown. */
  async #checkFigures(): Promise<void> {
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const states = this.#generations.map(({ state }) => state);
    const shown = states.flatMap(({ place, images }) => (place === 'shown' ? images : []));
    const expected = {
      generations: states.length,
      images: sum(states.map(({ images }) => images.length)),
      shown: shown.filter(({ place }) => place === 'shown').length,
    };
    await eventually(async () => {
      const { body: stats } = await this.#send<{ data: readonly Figures[] }>('GET', '/v1/stats');
      const { body: timeline } = await this.#send<{ data: readonly { images: number }[] }>(
        'GET',
        '/v1/images/timeline',
      );
      const actual = {
        generations: sum(stats.data.flatMap(({ generations }) => Object.values(generations))),
        images: sum(stats.data.map(({ images }) => images)),
        shown: sum(timeline.data.map(({ images }) => images)),
      };
      must(JSON.stringify(actual) === JSON.stringify(expected), 'the figures differ', { actual, expected });
    }, SETTLE_MS).catch(notYet);
  }

  /** The generations that were deleted for good. */
  get purged(): readonly string[] {
    return this.#generations.filter(({ state }) => state.place === 'purged').map(({ id }) => id);
  }

  /** Collects all garbage: afterwards the store has exactly the files that records refer to. */
  async sweep(): Promise<void> {
    const files = new Set(await this.#host.sweep());
    const records = [...(await this.#all<GenerationRecord>('/v1/generations?')), ...(await this.#binned())];
    const known = new Set(
      records.flatMap(({ images, input_images: inputs }) =>
        [...images, ...inputs].flatMap(({ sha256 }) => sha256 ?? []),
      ),
    );
    must(
      [...known].every((file) => files.has(file)),
      'a file is missing from the store',
      [...known].filter((file) => !files.has(file)),
    );
    must(
      [...files].every((file) => known.has(file)),
      'a file has no row',
      [...files].filter((file) => !known.has(file)),
    );
  }

  #alive(): Generation[] {
    const alive = this.#generations.filter(({ state }) => state.place !== 'purged');
    // Each is taken by one change at most.
    return alive.toSorted(() => this.#random() - 0.5);
  }

  async #killSoon(): Promise<void> {
    await sleep(below(this.#random, 60));
    await this.#host.restart();
  }

  #change(free: Generation[]): Change {
    const kind = this.#random();
    if (free.length < 6 || kind < 0.25) return this.#create(free);
    if (kind < 0.5) return this.#changeOne(free.pop() as Generation);
    if (kind < 0.75) return this.#changeImage(free.pop() as Generation);
    const some = free.splice(0, 1 + below(this.#random, 4));
    if (kind < 0.83) return this.#bulkOfImages(some);
    return this.#bulk(some, kind < 0.92);
  }

  #create(free: Generation[]): Change {
    const word = `g${++this.#names}x`;
    const headers = { 'content-type': 'application/json', 'idempotency-key': `key-${word}` };
    const parent = free.findIndex(
      ({ state, imageUrls }) => state.place === 'shown' && state.images[0]?.place === 'shown' && imageUrls.length > 0,
    );
    const kind = this.#random();
    const body = { model: 'wan2.7-image', prompt: `雪中的狐狸 ${word}`, size: '768x768', thinking_mode: false };
    let creation: Creation = {
      path: '/v1/images/generations',
      body: { ...body, n: 1 + below(this.#random, 2) },
      headers: this.#random() < 0.3 ? { ...headers, prefer: 'respond-async' } : headers,
      word,
      parents: [],
    };
    if (parent >= 0 && kind < 0.6) {
      const [{ id, imageUrls, parents }] = free.splice(parent, 1) as [Generation];
      // It has the inputs of what it repeats.
      const inherited = parents.filter((from) => from.startsWith('edit'));
      const image = imageUrls[0] ?? '';
      creation =
        kind < 0.3
          ? {
              ...creation,
              path: `/v1/generations/${id}/rerun`,
              body: { prompt: body.prompt },
              parents: [`rerun ${id}`, ...inherited],
            }
          : {
              ...creation,
              body: { ...creation.body, image: this.#host.url() + image },
              parents: [`edit ${id}-0`],
            };
    }
    return {
      name: creation.parents[0]?.split(' ')[0] ?? 'generate',
      targets: [],
      send: async () => {
        const { status, body: response } = await this.#send('POST', creation.path, creation.body, creation.headers);
        must([200, 202].includes(status), 'a request was refused', { status, response, creation });
      },
      after: (state) => state,
      creation,
    };
  }

  #changeOne(target: Generation): Change {
    const { id, state } = target;
    const path = `/v1/generations/${id}`;
    const kind = this.#random();
    const tags = sorted(TAGS.filter(() => this.#random() < 0.5));
    const note = this.#random() < 0.3 ? null : `备注 ${below(this.#random, 1000)}`;
    if (kind < 0.4)
      return this.#simple('update', [target], ['PATCH', path, { tags, note }], (before) => ({ ...before, tags, note }));
    if (kind < 0.7)
      return state.place === 'bin'
        ? this.#simple('restore', [target], ['POST', `${path}/restore`, {}], restored)
        : this.#simple('delete', [target], ['DELETE', path], binned);
    if (kind < 0.85) return this.#simple('restore', [target], ['POST', `${path}/restore`, {}], restored);
    return this.#simple('purge', [target], ['DELETE', `${path}?purge=true`], purged);
  }

  #changeImage(target: Generation): Change {
    const { id, state } = target;
    const existing = state.images.flatMap(({ place }, index) => (place === 'purged' ? [] : [index]));
    if (existing.length === 0) return this.#changeOne(target);
    const index = existing[below(this.#random, existing.length)] ?? 0;
    const path = `/v1/images/${id}-${index}`;
    const favorite = this.#random() < 0.7;
    const change = (changes: Partial<ImageState>) => (before: GenerationState) => withImage(before, index, changes);
    const kind = this.#random();
    if (kind < 0.4) return this.#simple('favorite', [target], ['PATCH', path, { favorite }], change({ favorite }));
    if (kind < 0.65) return this.#simple('delete image', [target], ['DELETE', path], change({ place: 'bin' }));
    if (kind < 0.85)
      return this.#simple('restore image', [target], ['POST', `${path}/restore`, {}], change({ place: 'shown' }));
    const gone = change({ place: 'purged', favorite: false });
    return this.#simple('purge image', [target], ['DELETE', `${path}?purge=true`], gone);
  }

  #bulkOfImages(targets: readonly Generation[]): Change {
    const ids = targets.map(({ id }) => `${id}-0`);
    const [action, changes] = pick<[object, Partial<ImageState>]>(this.#random, [
      [{ action: 'delete' }, { place: 'bin' }],
      [{ action: 'restore' }, { place: 'shown' }],
      [{ action: 'update', favorite: true }, { favorite: true }],
      [{ action: 'purge' }, { place: 'purged', favorite: false }],
    ]);
    const body = { image_ids: ids, ...action };
    const after = (state: GenerationState): GenerationState =>
      (state.images[0]?.place ?? 'purged') === 'purged' ? state : withImage(state, 0, changes);
    return this.#simple('bulk of images', targets, ['POST', '/v1/generations/bulk', body], after);
  }

  #bulk(targets: readonly Generation[], isFiltered: boolean): Change {
    const [action, change] = pick<[object, (state: GenerationState) => GenerationState]>(this.#random, [
      [{ action: 'delete' }, binned],
      [{ action: 'restore' }, restored],
      [{ action: 'purge' }, purged],
      [
        { action: 'update', add_tags: ['bulk'], remove_tags: ['花'], note: '一起' },
        (state) => ({
          ...state,
          note: '一起',
          tags: sorted([...new Set([...state.tags, 'bulk'])].filter((tag) => tag !== '花')),
        }),
      ],
    ]);
    const ids = targets.map(({ id }) => id);
    if (!isFiltered)
      return this.#simple('bulk of ids', targets, ['POST', '/v1/generations/bulk', { ids, ...action }], change);
    const body = { filter: { id: ids, q: '狐狸' }, ...action };
    // A filter selects what is shown; a restore, what is in the bin.
    const place = 'action' in action && action.action === 'restore' ? 'bin' : 'shown';
    const after = (state: GenerationState): GenerationState => (state.place === place ? change(state) : state);
    return {
      name: 'bulk of a filter',
      targets,
      after,
      send: async () => {
        const { status, body: job } = await this.#send<JobRecord>('POST', '/v1/generations/bulk', body);
        must(status === 202, 'a bulk change was refused', { status, body, job });
        // Across restarts: an acknowledged job is done by some process.
        await eventually(async () => {
          const { body: now } = await this.#send<JobRecord>('GET', `/v1/jobs/${job.id}`).catch(notYet);
          must(now.state === 'succeeded', 'a job has not succeeded', now);
        }, SETTLE_MS);
      },
    };
  }

  #simple(
    name: string,
    targets: readonly Generation[],
    [method, path, body]: readonly [method: string, path: string, body?: object],
    after: Change['after'],
  ): Change {
    const send = async (): Promise<void> => {
      const { status, body: response } = await this.#send(method, path, body);
      must(status === 200 || status === 204, 'a change was refused', { status, method, path, body, response });
    };
    return { name, targets, send, after };
  }

  async #run(change: Change): Promise<'done' | 'lost'> {
    const counts = this.counts.get(change.name) ?? { done: 0, lost: 0 };
    this.counts.set(change.name, counts);
    try {
      await change.send();
      counts.done++;
      return 'done';
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      counts.lost++;
      return 'lost';
    }
  }

  /** What a change has made of its targets becomes the model. */
  async #record(change: Change, isLost: boolean): Promise<void> {
    if (change.creation !== undefined) return this.#recordNew(change.creation, isLost);
    for (const target of change.targets) {
      const after = change.after(target.state);
      const actual = await this.#stateOf(target.id);
      const isAfter = isSame(actual, after);
      const isAllowed = isAfter || (isLost && isSame(actual, target.state));
      must(isAllowed, `${change.name} has another result`, {
        isLost,
        id: target.id,
        before: target.state,
        after,
        actual,
      });
      target.state = isAfter ? after : target.state;
    }
  }

  /** The same key makes it once, also if the first response was lost. */
  async #recordNew(request: Creation, isLost: boolean): Promise<void> {
    // Signed URLs name the address of the process before.
    const body =
      'image' in request.body ? { ...request.body, image: this.#here(String(request.body.image)) } : request.body;
    if (isLost) await this.#send('POST', request.path, body, request.headers);
    await this.#settle();
    const found = await this.#all<GenerationRecord>(`/v1/generations?q=${request.word}&`);
    const [record] = found;
    must(found.length === 1 && record !== undefined, 'a request has not one record', { request, found });
    const parents = parentsOf(record);
    // A generation that was deleted for good before is no ancestor any more.
    const isLeftOut = (from: string): boolean => this.purged.some((id) => from.includes(id));
    must(
      parents.every((from) => request.parents.includes(from)) &&
        request.parents.every((from) => parents.includes(from) || isLeftOut(from)),
      'a record was made from something else',
      { request, parents },
    );
    this.#generations.push({
      id: record.id,
      word: request.word,
      request,
      parents,
      imageUrls: record.images.map(({ url }) => pathOf(url)),
      state: stateOf(record),
    });
  }

  #here(url: string): string {
    return this.#host.url() + pathOf(url);
  }

  /** Until nothing is under way: no generation, no job, no image that is still fetched. */
  async #settle(): Promise<void> {
    await eventually(async () => {
      const open = await this.#all<GenerationRecord>('/v1/generations?state=queued&state=running&').catch(notYet);
      must(open.length === 0, 'a generation has not ended', open);
      const { body } = await this.#send<List<JobRecord>>('GET', '/v1/jobs').catch(notYet);
      const jobs = body.data.filter(({ state }) => state === 'queued' || state === 'running');
      must(jobs.length === 0, 'a job has not ended', jobs);
      const records = (await this.#send<List<GenerationRecord>>('GET', '/v1/generations?limit=20').catch(notYet)).body
        .data;
      for (const { images } of records)
        for (const { url, state } of images) {
          // A request for it makes the service fetch it.
          if (state === 'pending') await fetch(this.#here(url)).then((response) => response.arrayBuffer());
          must(state !== 'pending', 'an image is pending', url);
        }
    }, SETTLE_MS);
  }

  async #checkLists(): Promise<void> {
    const [shown, bin] = [await this.#all<GenerationRecord>('/v1/generations?'), await this.#binned()];
    for (const [place, records] of [
      ['shown', shown],
      ['bin', bin],
    ] as const) {
      const expected = this.#generations.filter(({ state }) => state.place === place);
      const ids = records.map(({ id }) => id);
      must(String(sorted(ids)) === String(sorted(expected.map(({ id }) => id))), `a list has others: ${place}`, ids);
      for (const record of records) {
        const generation = expected.find(({ id }) => id === record.id);
        must(generation !== undefined && isSame(stateOf(record), generation.state), 'a record differs', {
          record,
          generation,
        });
        must(
          String(sorted(parentsOf(record))) === String(sorted(generation.parents)),
          'a record was made from something else',
          {
            record,
            parents: generation.parents,
          },
        );
      }
    }
    const { body } = await this.#send<List<unknown>>('GET', '/v1/generations?count=true&limit=1');
    must(body.count?.value === Math.min(1000, shown.length), 'a count differs', body.count);
    for (const { id, state } of this.#generations.slice(-20)) {
      const { status } = await this.#send('GET', `/v1/generations/${id}`);
      must(status === (state.place === 'purged' ? 404 : 200), 'a record is there, or not there', { id, status });
    }
  }

  async #checkImages(): Promise<void> {
    const imagesOf = (test: (generation: GenerationState, image: ImageState) => boolean): readonly string[] =>
      this.#generations.flatMap(({ id, state }) =>
        state.images.flatMap((image, index) =>
          state.place !== 'purged' && image.place !== 'purged' && test(state, image) ? [`${id}-${index}`] : [],
        ),
      );
    const isShown = (state: GenerationState, image: ImageState): boolean =>
      state.place === 'shown' && image.place === 'shown';
    for (const [query, expected] of [
      ['', imagesOf(isShown)],
      ['deleted=true&', imagesOf((state, image) => !isShown(state, image))],
      ['favorite=true&', imagesOf((state, image) => isShown(state, image) && image.favorite)],
      ['order=asc&favorite=true&deleted=true&', imagesOf((state, image) => !isShown(state, image) && image.favorite)],
    ] as const) {
      const listed = (await this.#all<{ id: string }>(`/v1/images?${query}`)).map(({ id }) => id);
      must(String(sorted(listed)) === String(sorted(expected)), `a list of images has others: ${query}`, {
        more: listed.filter((id) => !expected.includes(id)),
        missing: expected.filter((id) => !listed.includes(id)),
      });
    }
  }

  async #checkFound(): Promise<void> {
    const shown = this.#generations.filter(({ state }) => state.place === 'shown');
    const idsOf = (test: (state: GenerationState) => boolean): readonly string[] =>
      sorted(shown.filter(({ state }) => test(state)).map(({ id }) => id));
    for (const tag of [...TAGS, 'bulk']) {
      const expected = idsOf(({ tags }) => tags.includes(tag));
      const path = `/v1/generations?tag=${encodeURIComponent(tag)}&`;
      const found = (await this.#all<GenerationRecord>(path)).map(({ id }) => id);
      must(String(sorted(found)) === String(expected), `others have the tag ${tag}`, { found, expected });
    }
    const { data: tags } = (await this.#send<List<{ tag: string; generations: number }>>('GET', '/v1/tags')).body;
    for (const { tag, generations } of tags)
      must(idsOf((state) => state.tags.includes(tag)).length === generations, 'a tag is counted differently', tags);
    const favorites = idsOf(({ images }) => images.some(({ favorite, place }) => favorite && place === 'shown'));
    const marked = (await this.#all<GenerationRecord>('/v1/generations?favorite=true&')).map(({ id }) => id);
    must(String(sorted(marked)) === String(favorites), 'other generations have a favorite', { marked, favorites });
    const withNote = idsOf(({ note }) => note === '一起');
    const noted = await this.#all<GenerationRecord>(`/v1/generations?q=${encodeURIComponent('一起')}&`);
    must(String(sorted(noted.map(({ id }) => id))) === String(withNote), 'a note is found elsewhere', noted);
    for (const { word, id, state } of this.#sample(8)) {
      const found = (await this.#all<GenerationRecord>(`/v1/generations?q=${word}&`)).map((record) => record.id);
      must(String(found) === (state.place === 'shown' ? id : ''), 'a search finds something else', {
        word,
        found,
        state,
      });
    }
  }

  /** A signed URL shows what is neither in the bin nor purged. */
  async #checkUrls(): Promise<void> {
    for (const { imageUrls, state } of this.#sample(8))
      for (const [index, url] of imageUrls.entries()) {
        const response = await fetch(this.#here(url));
        await response.arrayBuffer();
        const image = state.images[index];
        const isShown = state.place === 'shown' && image?.place === 'shown';
        const isGone = state.place === 'purged' || image?.place === 'purged';
        const expected = isShown ? 200 : isGone ? 410 : 404;
        must(response.status === expected, `a signed URL responds ${response.status}, not ${expected}`, { url, state });
      }
  }

  /** The same request with the same key is never made again. */
  async #checkReplays(): Promise<void> {
    const sent = (await this.#host.sentPrompts()).length;
    for (const { id, request, state } of this.#sample(8).filter(({ parents }) => parents.length === 0)) {
      const { status, headers } = await this.#send('POST', request.path, request.body, request.headers);
      if (state.place !== 'shown')
        must(status === 410, 'the replay of a deleted generation is not refused', { id, status });
      else must(headers.get('x-generation-id') === id, 'a replay is of another generation', { id, status });
    }
    must((await this.#host.sentPrompts()).length === sent, 'a replay was sent', sent);
  }

  #sample(count: number): readonly Generation[] {
    return this.#generations.toSorted(() => this.#random() - 0.5).slice(0, count);
  }

  #binned(): Promise<readonly GenerationRecord[]> {
    return this.#all<GenerationRecord>('/v1/generations?deleted=true&');
  }

  async #stateOf(id: string): Promise<GenerationState | null> {
    const { status, body } = await this.#send<GenerationRecord>('GET', `/v1/generations/${id}`);
    return status === 404 ? null : stateOf(body);
  }

  /** All rows of a list. `path` ends with `?` or `&`. */
  async #all<T>(path: string): Promise<readonly T[]> {
    const rows: T[] = [];
    for (let cursor: string | null = null; ;) {
      const after: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { status, body } = await this.#send<List<T>>('GET', `${path}limit=${1 + below(this.#random, 100)}${after}`);
      must(status === 200, 'a list was refused', { path, status, body });
      rows.push(...body.data);
      if (!body.has_more) return rows;
      cursor = body.next_cursor;
    }
  }

  async #send<T = unknown>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
  ): Promise<Received<T>> {
    try {
      const response = await fetch(this.#host.url() + path, {
        method,
        ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      // A process that is about to end.
      if (response.status === 503) throw new Lost(text);
      must(response.status < 500 || response.status === 502, 'an internal error', { method, path, body, text });
      return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
    } catch (error) {
      if (error instanceof BrokenInvariant || error instanceof Lost) throw error;
      throw new Lost(String(error), { cause: error });
    }
  }
}

function notYet(error: unknown): never {
  throw error instanceof Lost ? new BrokenInvariant('the service is away') : error;
}

function parentsOf({ derived_from: from }: GenerationRecord): readonly string[] {
  return from.map((one) => `${one.kind} ${one.image_id ?? one.generation_id}`);
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://history');
  return pathname + search;
}

const binned = (state: GenerationState): GenerationState => ({ ...state, place: 'bin' });
const restored = (state: GenerationState): GenerationState => ({ ...state, place: 'shown' });
const purged = (state: GenerationState): GenerationState => ({ ...state, place: 'purged' });

function withImage(state: GenerationState, index: number, changes: Partial<ImageState>): GenerationState {
  return { ...state, images: state.images.map((image, at) => (at === index ? { ...image, ...changes } : image)) };
}

function stateOf({ deleted_at: deletedAt, tags, note, images }: GenerationRecord): GenerationState {
  return {
    place: deletedAt === null ? 'shown' : 'bin',
    tags: [...tags],
    note,
    images: images.map((image) => ({
      favorite: image.favorite,
      place: image.state === 'deleted' ? 'purged' : image.deleted_at === null ? 'shown' : 'bin',
    })),
  };
}

function isSame(actual: GenerationState | null, expected: GenerationState): boolean {
  if (actual === null) return expected.place === 'purged';
  return JSON.stringify(ordered(actual)) === JSON.stringify(ordered(expected));
}

function ordered({ place, tags, note, images }: GenerationState): unknown {
  return [place, sorted(tags), note, images.map((image) => [image.favorite, image.place])];
}

/** Rows that refer to nothing, by table: each of these counts has to be 0. */
export const DANGLING_ROWS_SQL = [
  ...[
    'generation_image',
    'generation_text',
    'generation_tag',
    'favorite_image',
    'generation_term',
    'open_response',
  ].map(
    (table) => `select '${table}' as rows, count(*)::int as count from ${table}
      where not exists (select from generation where id = generation_id)`,
  ),
  `select 'derivation', count(*)::int from derivation where not exists (select from generation where id = child_id)`,
  `select 'favorite of no image', count(*)::int from favorite_image where not exists (
     select from generation_image as image where image.generation_id = favorite_image.generation_id
       and image.index = favorite_image.index and image.role = 'output' and image.state <> 'deleted')`,
  `select 'generation without text', count(*)::int from generation
     where not exists (select from generation_text where generation_id = generation.id)`,
  `select 'open job', count(*)::int from background_job where state in ('queued', 'running')`,
].join(' union all ');

/** Idempotency keys of generations that do not exist: those have to be deleted for good. */
export const DANGLING_KEYS_SQL = `
  select distinct generation_id::text as id from idempotency_key
  where generation_id is not null and not exists (select from generation where id = generation_id)`;
