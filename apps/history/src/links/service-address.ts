import { Injectable } from '@nestjs/common';
import type { ImageSignatures } from './image-signatures.ts';

/** The address at which clients reach the service. It is final only once the service listens: PORT may be 0. */
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

  /** The permanent, signed URL of an image: it opens the image without an API key. */
  readonly urlOfImage = (imageId: string): string => {
    const { key, signature } = this.signatures.sign(imageId);
    return `${this.#publicUrl}/images/${imageId}?key=${key}&signature=${signature}`;
  };

  /** The image id in an image URL of this service, and whether its signature is valid; null for any other URL. */
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

/** The URL of a listener, seen from this machine: `localhost` if it listens on all interfaces. */
export function urlOfListener(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
