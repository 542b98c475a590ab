import { Inject, Injectable } from '@nestjs/common';
import { checkRoom } from './disk.ts';
import { IMAGE_STORE, type ImageStore } from './image-store.ts';
import { SPOOL, type Spool } from './spool.ts';

/** Injection token: the folder of an embedded database, which needs room on its disk; null for a server. */
export const DATABASE_FOLDER = Symbol('DATABASE_FOLDER');

/** How long a result is valid: a busy service checks before each generation. */
const VALID_MS = 1000;

/** Checks whether images can be written anywhere, before money is spent on them. */
@Injectable()
export class StorageCheck {
  #last: { readonly at: number; readonly result: Promise<boolean> } | null = null;

  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(DATABASE_FOLDER) private readonly databaseFolder: string | null,
  ) {}

  /**
   * Whether the store or the spool accepts images, and an embedded database has room to record them, as of at most a second ago.
   */
  hasRoom(): Promise<boolean> {
    const now = performance.now();
    if (this.#last === null || now - this.#last.at > VALID_MS) this.#last = { at: now, result: this.#anyHasRoom() };
    return this.#last.result;
  }

  async #anyHasRoom(): Promise<boolean> {
    if (this.databaseFolder !== null && !(await succeeds(checkRoom(this.databaseFolder)))) return false;
    return (await succeeds(this.store.checkRoom())) || succeeds(this.spool.checkRoom());
  }

  /** Checks store and spool separately, with a write. */
  async parts(): Promise<{ readonly store: boolean; readonly spool: boolean }> {
    const [store, spool] = await Promise.all([succeeds(this.store.check()), succeeds(this.spool.check())]);
    return { store, spool };
  }
}

function succeeds(check: Promise<void>): Promise<boolean> {
  return check.then(
    () => true,
    () => false,
  );
}
