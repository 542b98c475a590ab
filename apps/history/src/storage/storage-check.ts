import { Inject, Injectable } from '@nestjs/common';
import { IMAGE_STORE, type ImageStore } from './image-store.ts';
import { SPOOL, type Spool } from './spool.ts';

/** How long an answer counts: a busy service asks for each generation. */
const FRESH_MS = 1000;

/** Whether there is any place for images, asked before money is spent on them. */
@Injectable()
export class StorageCheck {
  #last: { readonly at: number; readonly response: Promise<boolean> } | null = null;

  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
  ) {}

  /** Whether the store or the spool takes images, as of at most a second ago. */
  hasRoom(): Promise<boolean> {
    const now = performance.now();
    if (this.#last === null || now - this.#last.at > FRESH_MS) this.#last = { at: now, response: this.#look() };
    return this.#last.response;
  }

  async #look(): Promise<boolean> {
    return (await works(this.store.checkRoom())) || works(this.spool.checkRoom());
  }

  /** Each part by itself, tried by writing. */
  async parts(): Promise<{ readonly store: boolean; readonly spool: boolean }> {
    const [store, spool] = await Promise.all([works(this.store.check()), works(this.spool.check())]);
    return { store, spool };
  }
}

function works(check: Promise<void>): Promise<boolean> {
  return check.then(
    () => true,
    () => false,
  );
}
