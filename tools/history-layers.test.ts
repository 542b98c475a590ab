import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { facesOf, layerViolations } from './history-layers.ts';
import { failuresOf } from './not-yet.ts';
import { importsOf } from './import-graph.ts';
import { readSources, ROOT, type SourceFile } from './source-files.ts';

test('history keeps its layers', async () => {
  const files = await readSources(join(ROOT, 'apps/history/src'));
  expect(failuresOf('the layers of apps/history/src', layerViolations(files, importsOf(files)))).toEqual([]);
});

const MODULE: SourceFile = {
  path: 'ledger/ledger.module.ts',
  text: [
    `import { Module } from '@nestjs/common';`,
    `import { Ledger } from './ledger.service.ts';`,
    `import { Outcomes as Recorder, KEYS } from './outcomes.ts';`,
    `import { LedgerRepository } from './ledger.repository.ts';`,
    `// exports: [LedgerRepository]`,
    `@Module({ providers: [Ledger, LedgerRepository], exports: [Ledger, Recorder] })`,
    `export class LedgerModule {}`,
  ].join('\n'),
};

const FILES: readonly SourceFile[] = [
  MODULE,
  ...[
    'ledger/ledger.service.ts',
    'ledger/outcomes.ts',
    'ledger/ledger.repository.ts',
    'ledger/generation.entity.ts',
    'access/access.service.ts',
    'domain/money.ts',
    'database/sql.ts',
    'boot/app.module.ts',
  ].map((path) => ({ path, text: '' })),
];

function violations(from: string, line: string): readonly string[] {
  const files = [...FILES.filter(({ path }) => path !== from), { path: from, text: line }];
  return layerViolations(files, importsOf(files));
}

test('the face of a feature is the files of the classes that its module exports', () => {
  expect([...facesOf(FILES, importsOf(FILES))]).toEqual(['ledger/ledger.service.ts', 'ledger/outcomes.ts']);
});

describe('a layer is broken', () => {
  test.each([
    ['config/prices.ts', `import { a } from '../access/access.service.ts';`, 'a platform folder knows no feature'],
    ['http/b.ts', `import type { A } from '../ledger/ledger.service.ts';`, 'a platform folder knows no feature'],
    ['domain/id.ts', `import { a } from '../database/sql.ts';`, 'domain imports nothing'],
    ['domain/id.ts', `import type { A } from '../access/access.service.ts';`, 'domain imports nothing'],
    ['access/b.ts', `import { a } from '../boot/app.module.ts';`, 'only main.ts, boot and cli'],
    ['jobs/b.ts', `import { a } from '../boot/app.module.ts';`, 'only main.ts, boot and cli'],
    [
      'access/b.ts',
      `import { a } from '../ledger/ledger.repository.ts';`,
      'ledger.module.ts exports no class of this file',
    ],
    ['gateway/run/b.ts', `import { a } from '../../ledger/ledger.repository.ts';`, 'so it is private to ledger'],
    [
      'ledger/b.ts',
      `import { a } from '../access/access.service.ts';`,
      'access.module.ts exports no class of this file',
    ],
    ['access/b.ts', `import { LedgerModule } from '../ledger/ledger.module.ts';`, 'so it is private to ledger'],
  ])('by %s: %s', (from, line, reason) => {
    const found = violations(from, line);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${from}:1 imports `);
    expect(found[0]).toContain(reason);
  });
});

describe('a layer is kept', () => {
  test.each([
    ['access/b.ts', `import { Ledger } from '../ledger/ledger.service.ts';`],
    ['access/b.ts', `import type { A } from '../ledger/outcomes.ts';`],
    ['access/b.ts', `import { A } from '../ledger/generation.entity.ts';`],
    ['access/b.ts', `import { a } from '../domain/money.ts';`],
    ['access/b.ts', `import { a } from '../database/sql.ts';`],
    ['access/access.module.ts', `import { LedgerModule } from '../ledger/ledger.module.ts';`],
    ['ledger/b.ts', `import { a } from './ledger.repository.ts';`],
    ['http/b.ts', `import { a } from '../database/sql.ts';`],
    ['http/b.ts', `import { a } from '../domain/money.ts';`],
    ['boot/entities.ts', `import { A } from '../ledger/generation.entity.ts';`],
    ['main.ts', `import { a } from './boot/app.module.ts';`],
  ])('by %s: %s', (from, line) => {
    expect(violations(from, line)).toEqual([]);
  });
});
