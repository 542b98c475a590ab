import { Injectable } from '@nestjs/common';
import type { ImageSignatures } from './image-signatures.ts';

/** Where clients reach the service. Known for certain only once it listens: PORT may be 0. */
@Injectable()
export class ServiceAddress {
  #publicUrl: string;

  constructor(
    publicUrl: string,
    private readonly signatures: ImageSignatures,
  ) {
    this.#publicUrl = publicUrl;
  }

  /** Without a trailing slash. */
  get publicUrl(): string {
    return this.#publicUrl;
  }

  set publicUrl(url: string) {
    this.#publicUrl = url;
  }

  /** The permanent URL of an image, signed: it opens the image without a key. */
  readonly urlOfImage = (imageId: string): string => {
    const { key, signature } = this.signatures.sign(imageId);
    return `${this.#publicUrl}/images/${imageId}?key=${key}&signature=${signature}`;
  };

  /** The image that a URL of this service names, and whether its signature is right; null where it is no such URL. */
  readImageUrl(url: string): { readonly imageId: string; readonly valid: boolean } | null {
    if (!URL.canParse(url)) return null;
    const { origin, pathname, searchParams } = new URL(url);
    const here = new URL(`${this.#publicUrl}/images/`);
    if (origin !== here.origin || !pathname.startsWith(here.pathname)) return null;
    const imageId = pathname.slice(here.pathname.length);
    const [key, ...otherKeys] = searchParams.getAll('key');
    const [signature, ...otherSignatures] = searchParams.getAll('signature');
    const isOne = key !== undefined && signature !== undefined && otherKeys.length + otherSignatures.length === 0;
    return { imageId, valid: isOne && this.signatures.verify(imageId, { key, signature }) };
  }
}

/** Where a listener is reached from this machine: one that listens everywhere by the machine's own name. */
export function urlOfListener(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
