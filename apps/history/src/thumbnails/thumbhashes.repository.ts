import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MeasuredImage } from '../images/image-files.service.ts';

/** An image file that can have a thumbhash. */
export type HashedImage = Pick<MeasuredImage, 'sha256' | 'width' | 'height'>;

/** A file of a page, in the order of its generation. */
interface PageRow {
  readonly id: string;
  readonly sha256: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly isHashed: boolean;
}

/** A part of all images, the newest first. */
export interface ImagePage {
  /** Those without a thumbhash. */
  readonly images: readonly (Pick<HashedImage, 'sha256'> & Pick<PageRow, 'width' | 'height'>)[];
  /** The generation before which the next page begins; null after the last one. */
  readonly before: string | null;
}

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Previews of image files, by content. */
@Injectable()
export class ThumbhashesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Whether a file has one, or is known to have none. */
  async has(sha256: string): Promise<boolean> {
    return (await this.dataSource.query<unknown[]>('select from thumbhash where sha256 = $1', [sha256])).length > 0;
  }

  /** Null for a file that cannot be decoded: it is not tried again. */
  async add(sha256: string, hash: string | null): Promise<void> {
    await this.dataSource.query('insert into thumbhash (sha256, hash) values ($1, $2) on conflict do nothing', [
      sha256,
      hash,
    ]);
  }

  async remove(sha256s: readonly string[]): Promise<void> {
    if (sha256s.length === 0) return;
    await this.dataSource.query('delete from thumbhash where sha256 = any($1::text[])', [sha256s]);
  }

  /** The files that have one, in the order of their hashes. */
  async after(sha256: string, limit: number): Promise<readonly string[]> {
    const rows = await this.dataSource.query<{ sha256: string }[]>(
      'select sha256 from thumbhash where sha256 > $1 order by sha256 limit $2',
      [sha256, limit],
    );
    return rows.map((row) => row.sha256);
  }

  /** A page of generated images. It has whole generations, so a limit must be above the images of one. */
  async page(before: string | null, limit: number): Promise<ImagePage> {
    const rows = await this.dataSource.query<PageRow[]>(
      `select generation_id as id, sha256, width, height,
         (select true from thumbhash where thumbhash.sha256 = image.sha256) is not null as "isHashed"
       from generation_image as image
       where generation_id < $1 and role = 'output' and state = 'stored' and sha256 is not null
       order by generation_id desc limit $2`,
      [before ?? LAST_ID, limit],
    );
    const last = rows.at(-1)?.id;
    // Its other images are perhaps behind the limit.
    const whole = rows.length < limit ? rows : rows.filter(({ id }) => id !== last);
    return {
      images: whole.filter(({ isHashed }) => !isHashed),
      before: rows.length < limit ? null : (whole.at(-1)?.id ?? null),
    };
  }

  /** Whether any generation is in flight, in whatever process. */
  async isBusy(): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `select from generation where state in ('queued', 'running') limit 1`,
    );
    return rows.length > 0;
  }
}
