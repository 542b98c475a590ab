/**
 * An image as a client gets it: a URL, or the bytes, which are read from where they are stored each time they are asked for. Each chunk of
 * them may come in the memory of the one before.
 */
export type ResponseImage =
  | { readonly revisedPrompt: string | null; readonly url: string | null }
  | { readonly revisedPrompt: string | null; bytes(): AsyncIterable<Uint8Array> };

/** What a response says beside its images. */
export interface ResponseFacts {
  /** Unix seconds. */
  readonly created: number;
  /** Keys beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A response that may still be arriving. Any number of readers can have it, each from the first image on. */
export interface StreamedResponse {
  readonly generationId: string;
  /** In order, each as soon as it is there. Throws where the call fails after that. */
  images(): AsyncIterable<ResponseImage>;
  /** When all images are there. Throws where the call fails before. */
  facts(): Promise<ResponseFacts>;
}

type End = { readonly facts: ResponseFacts } | { readonly error: unknown };

/** The writing side of a response: a multicast stream that every reader can replay. */
export class ResponseStream implements StreamedResponse {
  readonly #images: ResponseImage[] = [];
  #end: End | null = null;
  #change = Promise.withResolvers<void>();

  constructor(readonly generationId: string) {}

  /** How many images it has so far. */
  get length(): number {
    return this.#images.length;
  }

  add(image: ResponseImage): void {
    this.#images.push(image);
    this.#changed();
  }

  complete(facts: ResponseFacts): void {
    this.#end ??= { facts };
    this.#changed();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#changed();
  }

  /** This response, once it has an image or its end. Rejects where it fails before. */
  async started(): Promise<StreamedResponse> {
    while (this.#images.length === 0 && this.#end === null) await this.#change.promise;
    if (this.#images.length === 0) await this.facts();
    return this;
  }

  async *images(): AsyncGenerator<ResponseImage, void, void> {
    for (let next = 0; ;) {
      const image = this.#images[next];
      if (image !== undefined) {
        next++;
        yield image;
      } else if (this.#end !== null) return void (await this.facts());
      else await this.#change.promise;
    }
  }

  async facts(): Promise<ResponseFacts> {
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

/** A response of which all is known. */
export function completeResponse(
  generationId: string,
  images: readonly ResponseImage[],
  facts: ResponseFacts,
): StreamedResponse {
  const response = new ResponseStream(generationId);
  for (const image of images) response.add(image);
  response.complete(facts);
  return response;
}
