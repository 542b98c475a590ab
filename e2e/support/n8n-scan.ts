import { join } from 'node:path';
import { installed, run } from './run.ts';

export interface ScanResult {
  readonly passed: boolean;
  readonly message?: string;
  readonly details?: string;
}

const FOLDER = join(import.meta.dirname, '../n8n-scan');

/** n8n's own scan of an unpacked package. Installed on first use, and kept. Finds nothing in a folder below a `node_modules`. */
export async function scanForN8n(packageFolder: string): Promise<ScanResult> {
  await installed(FOLDER);
  return JSON.parse(await run(process.execPath, [join(FOLDER, 'scan.js'), packageFolder])) as ScanResult;
}
