import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ImageKey } from '../domain/image-key.ts';
import type { ThumbnailEntity } from '../thumbnails/thumbnail.entity.ts';

/** A row that refers to a file of the store: of a stored image, or of a lost one whose file is missing. */
export interface FileRow extends ImageKey {
  readonly state: 'stored' | 'lost';
  readonly sha256: string;
}

/** Identifies a thumbnail and its file. */
export type ThumbnailRow = Pick<ThumbnailEntity, 'sourceSha256' | 'width' | 'format' | 'sha256'>;

/** Reads which files the rows refer to, for all kinds of files at once. */
@Injectable()
export class SweepRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The id of this database: a store belongs to one database. */
  async storeId(): Promise<string> {
    const [row] = await this.#query<{ id: string }>('select id from picture_store');
    if (row === undefined) throw new Error('The table picture_store has lost its row');
    return row.id;
  }

  /** Which of these files any row refers to, in whatever state. */
  async known(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#query<{ sha256: string }>(
      `select sha256 from generation_image where sha256 = any($1) union
       select sha256 from thumbnail where sha256 = any($1)`,
      [sha256s],
    );
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  /** Which of these files are input or output images. */
  async images(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#query<{ sha256: string }>(
      'select distinct sha256 from generation_image where sha256 = any($1)',
      [sha256s],
    );
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  /** Files of the stored images of the newest generations. */
  async youngestFiles(limit: number): Promise<readonly string[]> {
    const rows = await this.#query<{ sha256: string }>(
      `select sha256 from generation_image where state = 'stored' and sha256 is not null order by generation_id desc limit $1`,
      [limit],
    );
    return rows.map(({ sha256 }) => sha256);
  }

  /** In the order of the primary key, so that a full iteration reads each row once. */
  fileRows(after: ImageKey | null, limit: number): Promise<FileRow[]> {
    return this.#query<FileRow>(
      `select generation_id as "generationId", role, index, state, sha256 from generation_image
       where sha256 is not null and state in ('stored', 'lost')
         and generation_id >= $1 and (generation_id, role, index) > ($1, $2, $3)
       order by generation_id, role, index limit $4`,
      after === null ? [NIL, '', -1, limit] : [after.generationId, after.role, after.index, limit],
    );
  }

  thumbnails(after: ThumbnailRow | null, limit: number): Promise<ThumbnailRow[]> {
    return this.#query<ThumbnailRow>(
      `select source_sha256 as "sourceSha256", width, format, sha256 from thumbnail
       where (source_sha256, width, format) > ($1, $2, $3) order by source_sha256, width, format limit $4`,
      after === null ? ['', 0, '', limit] : [after.sourceSha256, after.width, after.format, limit],
    );
  }

  /** Which of these generations exist. */
  async generations(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#query<{ id: string }>('select id from generation where id = any($1::uuid[])', [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  async #query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const found = await this.dataSource.query<unknown[]>(sql, [...parameters]);
    return found as T[];
  }
}

const NIL = '00000000-0000-0000-0000-000000000000';
