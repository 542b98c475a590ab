import type pg from 'pg';
import { row, type Row } from '../support/report.ts';
import { workOf } from './measured.ts';

const SIZES_SQL = `select pg_database_size(current_database()) as database,
  (select sum(pg_total_relation_size(relid)) from pg_partition_tree('generation_text')) as texts,
  (select sum(pg_relation_size(relid)) from pg_partition_tree('generation_text_terms')) as index`;

/** What the search takes of the disk. */
export async function sizeRows(client: pg.Client, rows: number): Promise<Row[]> {
  const { rows: found } = await client.query<Record<'database' | 'texts' | 'index', string>>(SIZES_SQL);
  const [{ database, texts, index } = { database: '', texts: '', index: '' }] = found;
  const work = workOf('size', rows);
  const inMB = (bytes: string): number => Number(bytes) / 1024 ** 2;
  const facts = { work, peer: null, target: null };
  return [
    row({ ...facts, measure: 'database', value: inMB(database), unit: 'MB' }),
    row({ ...facts, measure: 'search table with its indexes', value: inMB(texts), unit: 'MB' }),
    row({ ...facts, measure: 'index of terms', value: inMB(index), unit: 'MB' }),
    row({
      ...facts,
      measure: 'index of terms, part of the database',
      value: Number(index) / Number(database),
      unit: '',
    }),
  ];
}
