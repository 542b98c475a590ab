/**
 * An image as a client receives it: a URL, or the bytes. Each call of `bytes()` reads them again from storage, and each chunk may reuse
 * the memory of the previous one.
 */
export type ResponseImage =
  | { readonly revisedPrompt: string | null; readonly url: string | null }
  | { readonly revisedPrompt: string | null; bytes(): AsyncIterable<Uint8Array> };

/** The fields of a response other than its images. */
export interface ResponseFacts {
  /** Unix seconds. */
  readonly created: number;
  /** Keys that the contract does not define. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A response that may still be arriving. It supports any number of readers; each starts with the first image. */
export interface StreamedResponse {
  readonly generationId: string;
  /** The images in order, each as soon as it is available. Throws if the call fails midway. */
  images(): AsyncIterable<ResponseImage>;
  /** Resolves when all images are available. Rejects if the call fails before that. */
  facts(): Promise<ResponseFacts>;
}

type End = { readonly facts: ResponseFacts } | { readonly error: unknown };

/** The writing side of a response: a multicast stream that every reader can replay. */
export class ResponseStream implements StreamedResponse {
  readonly #images: ResponseImage[] = [];
  #end: End | null = null;
  #change = Promise.withResolvers<void>();

  constructor(readonly generationId: string) {}

  /** The number of images added so far. */
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

  /** Resolves to this response once it has an image or is complete. Rejects if it fails before the first image. */
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

/** A response whose images and facts are all known. */
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
