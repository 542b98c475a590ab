import { historyTests } from './vitest.shared.ts';

/** On PGlite; and what needs no database at all, once. */
export default historyTests('pglite', { include: ['test/**/*.test.ts', 'src/**/*.test.ts'], exclude: ['test/**/*.postgres.test.ts'] });
