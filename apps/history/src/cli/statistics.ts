import { refusedByNode } from '../boot/node-version.ts';

// Imported dynamically: on an older Node already the imports fail, with an error that does not say why.
if (!refusedByNode()) await (await import('./run-statistics.ts')).runStatistics();
