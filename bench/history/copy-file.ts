import { chmod, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { KEPT } from './server.ts';

type Value = string | number | boolean | Date | null | object;

/** Rows of a table in the text format of COPY. The server reads them from a file, which is on the same machine. */
export class CopyFile {
  readonly #table: string;
  readonly #columns: readonly string[];
  #lines: string[] = [];

  constructor(table: string, columns: readonly string[]) {
    this.#table = table;
    this.#columns = columns;
  }

  add(values: readonly Value[]): void {
    this.#lines.push(values.map(fieldOf).join('\t'));
  }

  /** Takes what was added, so that further rows can be added meanwhile. */
  takeStatement(): (client: pg.Client) => Promise<void> {
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    return async (client) => {
      if (text === '') return;
      const file = join(KEPT, `${this.#table}.rows`);
      await writeFile(file, text);
      await chmod(file, 0o644);
      await client.query(`copy ${this.#table} (${this.#columns.join(', ')}) from '${file}'`);
      await unlink(file);
    };
  }
}

function fieldOf(value: Value): string {
  if (value === null) return String.raw`\N`;
  const text =
    value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? '');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
};
