import { Injectable } from '@nestjs/common';

/** Where clients reach the service. Known for certain only once it listens: PORT may be 0. */
@Injectable()
export class ServiceAddress {
  #publicUrl: string;

  constructor(publicUrl: string) {
    this.#publicUrl = publicUrl;
  }

  /** Without a trailing slash. */
  get publicUrl(): string {
    return this.#publicUrl;
  }

  set publicUrl(url: string) {
    this.#publicUrl = url;
  }

  /** The permanent URL of a picture. */
  readonly urlOfImage = (imageId: string): string => `${this.#publicUrl}/images/${imageId}`;
}
