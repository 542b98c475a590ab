import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nullIfMissing } from '../storage/disk.ts';

/** Said before the embedded database makes its files, during which nothing else can be seen. */
export const SETTING_UP = 'Setting up the embedded database (once, about 15 s) …';

/** Whether the folder of an embedded database has no files yet: PostgreSQL writes this one when it makes them. */
export async function isFirstStart(folder: string): Promise<boolean> {
  return (await nullIfMissing(stat(join(folder, 'PG_VERSION')))) === null;
}
