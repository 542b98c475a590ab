/**
 * A picture as its caller gets it: a URL, or the bytes, which are read where they lie each time they are asked for. Each piece of them may
 * come in the memory of the one before.
 */
export type ReplyPicture =
  | { readonly revisedPrompt: string | null; readonly url: string | null }
  | { readonly revisedPrompt: string | null; bytes(): AsyncIterable<Uint8Array> };

/** What a reply says beside its pictures. */
export interface ReplyFacts {
  /** Unix seconds. */
  readonly created: number;
  /** Keys beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A reply that may still be growing. Any number of readers can have it, each from the first picture on. */
export interface Answer {
  readonly generationId: string;
  /** In order, each as soon as it is there. Throws where the call fails after that. */
  pictures(): AsyncIterable<ReplyPicture>;
  /** When all pictures are there. Throws where the call fails before. */
  facts(): Promise<ReplyFacts>;
}

/** Work on a generation that was sent. */
export interface Work {
  /** With the first picture or the end. Rejects with the error that the caller gets where the call fails before. */
  readonly answer: Promise<Answer>;
  /** When all is done: the record has its end, and the answer is complete. Never rejects. */
  readonly ended: Promise<void>;
}

type End = { readonly facts: ReplyFacts } | { readonly error: unknown };

/** The writing side of an answer. */
export class GrowingAnswer implements Answer {
  readonly generationId: string;
  readonly #pictures: ReplyPicture[] = [];
  #end: End | null = null;
  #change = Promise.withResolvers<void>();

  constructor(generationId: string) {
    this.generationId = generationId;
  }

  /** How many pictures it has so far. */
  get length(): number {
    return this.#pictures.length;
  }

  add(picture: ReplyPicture): void {
    this.#pictures.push(picture);
    this.#changed();
  }

  complete(facts: ReplyFacts): void {
    this.#end ??= { facts };
    this.#changed();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#changed();
  }

  /** This answer, once there is something to answer. */
  async begun(): Promise<Answer> {
    while (this.#pictures.length === 0 && this.#end === null) await this.#change.promise;
    if (this.#pictures.length === 0) await this.facts();
    return this;
  }

  async *pictures(): AsyncGenerator<ReplyPicture, void, void> {
    for (let next = 0; ;) {
      const picture = this.#pictures[next];
      if (picture !== undefined) {
        next++;
        yield picture;
      } else if (this.#end !== null) return void (await this.facts());
      else await this.#change.promise;
    }
  }

  async facts(): Promise<ReplyFacts> {
    while (this.#end === null) await this.#change.promise;
    if ('facts' in this.#end) return this.#end.facts;
    throw this.#end.error;
  }

  #changed(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers<void>();
    resolve();
  }
}

/** A reply of which all is known. */
export function wholeAnswer(generationId: string, pictures: readonly ReplyPicture[], facts: ReplyFacts): Answer {
  const answer = new GrowingAnswer(generationId);
  for (const picture of pictures) answer.add(picture);
  answer.complete(facts);
  return answer;
}
