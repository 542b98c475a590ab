import { Inject, Injectable } from '@nestjs/common';
import { DISK_RESERVE, type DiskReserve } from './disk-reserve.ts';
import { IMAGE_STORE, type ImageStore } from './image-store.ts';
import { SPOOL, type Spool } from './spool.ts';

/** How long a result is valid: a busy service checks before each generation. */
const VALID_MS = 1000;

/** Checks whether images can be written anywhere, before money is spent on them. */
@Injectable()
export class StorageCheck {
  #last: { readonly at: number; readonly result: Promise<boolean> } | null = null;

  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(SPOOL) private readonly spool: Spool,
    @Inject(DISK_RESERVE) private readonly reserve: DiskReserve | null,
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
    if (this.reserve !== null && !(await succeeds(this.reserve.checkRoom()))) return false;
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
