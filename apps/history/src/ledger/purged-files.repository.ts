import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A file that an image referred to which was deleted for good. Whether another image refers to it is not known. */
export interface PurgedFile {
  readonly id: string;
  readonly sha256: string;
}

/** A part of the statement that deletes images: records the files of these rows, which the garbage collection then judges. */
export function purgedFilesSql(rows: string): string {
  return `insert into purged_file (sha256, purged_at) select distinct sha256, now() from ${rows} where sha256 is not null`;
}

/** Files that may have to go. A file has one row for each purge, so that none waits for another and none undoes the work of another. */
@Injectable()
export class PurgedFilesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The next ones, in the order in which they were recorded. */
  next(after: string | null, limit: number): Promise<PurgedFile[]> {
    return this.dataSource.query<PurgedFile[]>(
      'select id, sha256 from purged_file where id > $1 order by id limit $2',
      [after ?? '0', limit],
    );
  }

  /** Records files that were made from others, and go with them. */
  async add(sha256s: readonly string[]): Promise<void> {
    if (sha256s.length === 0) return;
    await this.dataSource.query(purgedFilesSql('unnest($1::text[]) as sha256'), [sha256s]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.dataSource.query('delete from purged_file where id = any($1::bigint[])', [ids]);
  }
}
