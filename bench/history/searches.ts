import { randomOf } from '@wan-image/testing/random-response';
import { projectIds, randomProject } from './generations.ts';
import { printed, type Measured } from './measured.ts';
import { searchWorks, type SearchWork } from './queries.ts';
import type { Reader } from './reader.ts';

const SCOPES = ['in the largest project', 'in other projects', 'over all projects'] as const;
type Scope = (typeof SCOPES)[number];

/** The first page of each query. */
export async function measureSearches(reader: Reader, rows: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const work of searchWorks()) {
    for (const scope of SCOPES) measured.push(await measure(reader, rows, work, scope));
  }
  return measured;
}

async function measure(reader: Reader, rows: number, { name, queries }: SearchWork, scope: Scope): Promise<Measured> {
  const random = randomOf(7);
  const [largest = '', ...others] = projectIds();
  const projectOf = (): string =>
    scope === 'over all projects'
      ? 'all'
      : scope === 'in the largest project'
        ? largest
        : randomProject(random, others);
  const ms: number[] = [];
  let slowest = { ms: 0, q: '' };
  for (const q of queries) {
    const timed = await reader.list('generations', { q, project_id: projectOf() });
    ms.push(timed.ms);
    if (timed.ms > slowest.ms) slowest = { ms: timed.ms, q };
  }
  return printed({ work: `search: ${name}, ${scope}`, generations: rows, ms, slowest: slowest.q });
}
