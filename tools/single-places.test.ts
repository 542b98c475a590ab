import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failuresOf } from './not-yet.ts';
import { SINGLE_PLACES, violationsOf } from './single-places.ts';
import { readSources, ROOT } from './source-files.ts';

describe('exactly one place', () => {
  test.each(SINGLE_PLACES)('$fact', async (place) => {
    const all = await readSources(join(ROOT, 'apps/history/src'));
    const files = all.filter(({ path }) => !path.startsWith('database/migrations/'));
    expect(failuresOf(`one place: ${place.fact}`, violationsOf(place, files))).toEqual([]);
  });
});

/** For each fact, statements that make the change, and others that look like them and do not. */
const CASES: Readonly<Record<string, { readonly makes: readonly string[]; readonly others: readonly string[] }>> = {
  'sets a final state': {
    makes: [
      "`update generation set state = 'failed', outcome = $1 where id = $2`",
      "`update generation\n set outcome = $1, state = 'canceled' where id = $2`",
      '`update generation set finished_at = $1 where id = $2`',
      '`update generation set (${COLUMNS}) = (select ${COLUMNS} from given) where true`',
      "manager.update(GenerationEntity, { id }, { state: 'succeeded' });",
      'manager.update(GenerationEntity, { id }, { outcome, finishedAt: now });',
    ],
    others: [
      "`update generation set state = 'running', sent_at = now() where state = 'queued'`",
      "`update generation set cost = 0 where state = 'failed'`",
      "`select id from generation where state = 'failed' and finished_at = $1`",
      'manager.findBy(GenerationEntity, { finishedAt: Not(IsNull()) });',
    ],
  },
  'settles spend': {
    makes: ['`update key_spend set spent = spent + more from by_key where true`'],
    others: [
      '`insert into key_spend (spent) select 0 on conflict do update set reserved = 1 where key_spend.spent <= 2`',
    ],
  },
  'frees an idempotency key because of an outcome': {
    makes: [
      "`delete from idempotency_key using ended where ended.outcome = 'not_billed'`",
      'manager.delete(IdempotencyKeyEntity, { generationId: id });',
      'builder.delete().from(IdempotencyKeyEntity).where({ generationId }).execute();',
    ],
    others: [
      '`delete from idempotency_key where created_at < $1`',
      'builder.delete().from(IdempotencyKeyEntity).where(EXPIRED, { validFrom }).execute();',
    ],
  },
  'resolves an unknown outcome': {
    makes: [
      '`update generation set outcome = $1, resolved_at = $2 where id = $3`',
      'manager.update(GenerationEntity, { id }, { outcome, resolvedAt: now });',
    ],
    others: ['`select id from generation where resolved_at is null`', 'const row = { resolvedAt: null };'],
  },
  'marks an image lost': {
    makes: [
      "`update generation_image set state = 'lost' where id = $1`",
      "await settle(image, { state: 'lost' });",
      "return { state: url === null ? 'lost' : 'pending' };",
      "await repository.setState(row, 'lost');",
    ],
    others: [
      "interface Row { state: 'stored' | 'lost' }",
      "if (state === 'lost') return null;",
      "row.state !== 'lost'",
      "const record = { state: image.state ?? 'lost' };",
    ],
  },
};

describe.each(SINGLE_PLACES)('of what $fact', (place) => {
  const { makes, others } = CASES[place.fact]!;
  const path = `${place.folder}a.ts`;

  test.each(makes)('%s alone is allowed', (text) => {
    expect(violationsOf(place, [{ path, text }])).toEqual([]);
  });

  test.each(makes)('%s is not allowed a second time', (text) => {
    const [violation] = violationsOf(place, [
      { path, text: `${makes[0]!}\n` },
      { path: `${place.folder}b.ts`, text },
    ]);
    expect(violation).toBe(`more than one place ${place.fact}: ${path}:1, ${place.folder}b.ts:1`);
  });

  test.each(makes)('%s is not allowed in another folder', (text) => {
    expect(violationsOf(place, [{ path: 'sweep/a.ts', text }])).toEqual([
      `sweep/a.ts:1 ${place.fact}: only ${place.folder} may`,
    ]);
  });

  test.each(others)('%s is none', (text) => {
    expect(violationsOf(place, [{ path, text }])).toEqual([
      `nothing ${place.fact}, or not in words that this test knows`,
    ]);
  });
});
