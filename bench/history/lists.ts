import { below, randomOf, type Random } from '@wan-image/testing/random-response';
import { projectIds, randomProject, startOf, tagOf, TAGS, userOf, uuidv7 } from './generations.ts';
import { printed, type Measured } from './measured.ts';
import type { Query, Reader } from './reader.ts';
import { cursors, scopes } from './service-code.ts';

const WARM_UP = 20;
const REQUESTS = 100;

type Kind = 'generations' | 'images';

interface ListWork {
  readonly name: string;
  readonly kind?: Kind;
  readonly filter?: (random: Random) => Query;
  /** Whether a page is read at a random place of the list. */
  readonly isDeep?: boolean;
  /** Whether the list of all projects is measured too. */
  readonly isForAll?: boolean;
}

const DAY_MS = 86_400_000;

const WORKS: readonly ListWork[] = [
  { name: 'first page', isForAll: true },
  { name: 'deep cursor', isDeep: true, isForAll: true },
  { name: 'favorites', filter: () => ({ favorite: 'true' }), isForAll: true },
  { name: 'favorites, deep cursor', filter: () => ({ favorite: 'true' }), isDeep: true },
  { name: 'failed', filter: () => ({ state: 'failed' }), isForAll: true },
  { name: 'failed, deep cursor', filter: () => ({ state: 'failed' }), isDeep: true },
  { name: 'unknown outcome', filter: () => ({ outcome: 'unknown' }), isForAll: true },
  { name: 'bin', filter: () => ({ deleted: 'true' }), isForAll: true },
  { name: 'tag', filter: (random) => ({ tag: tagOf(below(random, TAGS)) }), isForAll: true },
  { name: 'two tags', filter: (random) => ({ tag: [tagOf(below(random, 10)), tagOf(10 + below(random, 10))] }) },
  { name: 'model', filter: () => ({ model: 'wan2.7-image-pro' }), isForAll: true },
  { name: 'user', filter: (random) => ({ user: userOf(below(random, 200)) }), isForAll: true },
  { name: 'metadata', filter: (random) => ({ 'metadata[order]': String(below(random, 1_000_000)) }), isForAll: true },
  { name: 'with input images', filter: () => ({ has_input_image: 'true' }) },
  { name: 'date range', filter: week, isForAll: true },
  { name: 'images, first page', kind: 'images', isForAll: true },
  { name: 'images, deep cursor', kind: 'images', isDeep: true },
  { name: 'images, favorites', kind: 'images', filter: () => ({ favorite: 'true' }) },
];

function week(random: Random): Query {
  const end = Date.now();
  const start = startOf(new Date(end)).getTime();
  const from = start + random() * (end - start - 7 * DAY_MS);
  return {
    created_after: new Date(from).toISOString(),
    created_before: new Date(from + 7 * DAY_MS).toISOString(),
  };
}

/** The lists of the largest project and of others in turns, and those of all projects. */
export async function measureLists(reader: Reader, rows: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const work of WORKS) {
    measured.push(await measure(reader, rows, work, 'in a project'));
    if (work.isForAll === true) measured.push(await measure(reader, rows, work, 'over all projects'));
  }
  return measured;
}

type Scope = 'in a project' | 'over all projects';

async function measure(reader: Reader, rows: number, work: ListWork, scope: Scope): Promise<Measured> {
  const random = randomOf(5);
  const projects = projectIds();
  const kind = work.kind ?? 'generations';
  const ms: number[] = [];
  let slowest = { ms: 0, query: '' };
  for (let request = 0; request < WARM_UP + REQUESTS; request++) {
    const project = request % 2 === 0 ? (projects[0] ?? '') : randomProject(random, projects);
    const projectId = scope === 'in a project' ? project : 'all';
    const filter = work.filter?.(random) ?? {};
    const cursor = work.isDeep === true ? { cursor: await cursorAt(random, kind, projectId, filter) } : {};
    const query = { ...filter, ...cursor, project_id: projectId };
    const timed = await reader.list(kind, query);
    if (request < WARM_UP) continue;
    ms.push(timed.ms);
    if (timed.ms > slowest.ms) slowest = { ms: timed.ms, query: JSON.stringify(query) };
  }
  return printed({ work: `list: ${work.name}, ${scope}`, generations: rows, ms, slowest: slowest.query });
}

/** The cursor of a page somewhere in the list: a walk to it would take as long as the whole bench. */
async function cursorAt(random: Random, kind: Kind, projectId: string, filter: Query): Promise<string> {
  const { cursorOf } = await cursors();
  const { ALL_PROJECTS } = await scopes();
  const now = Date.now();
  const start = startOf(new Date(now)).getTime();
  const generationId = uuidv7(random, Math.floor(start + random() * (now - start)));
  const parsed = Object.fromEntries(
    Object.entries(filter).map(([name, value]) =>
      name === 'favorite' ? [name, value === 'true'] : [name, typeof value === 'string' ? [value] : value],
    ),
  );
  return cursorOf(
    { generationId, index: 0 },
    { kind, scope: { projectId: projectId === 'all' ? ALL_PROJECTS : projectId }, filter: parsed, order: 'desc' },
  );
}
