import { rmSync } from 'node:fs';

/** Removes build output on every system: `node clean.ts dist`. */
for (const path of process.argv.slice(2)) rmSync(path, { recursive: true, force: true });
