import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { ThumbnailEntity, type ThumbnailKey } from './thumbnail.entity.ts';

@Injectable()
export class ThumbnailsRepository {
  constructor(private readonly dataSource: DataSource) {}

  find({ sourceSha256, width, format }: ThumbnailKey): Promise<ThumbnailEntity | null> {
    return this.dataSource.manager.findOneBy(ThumbnailEntity, { sourceSha256, width, format });
  }

  /** If another replica has added it first, that row stays. Returns the row in the table. */
  async add(made: ThumbnailEntity): Promise<ThumbnailEntity> {
    await this.dataSource.manager.createQueryBuilder().insert().into(ThumbnailEntity).values(made).orIgnore().execute();
    return (await this.find(made)) ?? made;
  }

  /** All thumbnails of these images. */
  of(sourceSha256s: readonly string[]): Promise<ThumbnailEntity[]> {
    return this.dataSource.manager.findBy(ThumbnailEntity, { sourceSha256: In([...sourceSha256s]) });
  }

  /** Removes exactly this row: if it was rendered again meanwhile with other bytes, the new row stays. */
  async remove({ sourceSha256, width, format, sha256 }: ThumbnailKey & Pick<ThumbnailEntity, 'sha256'>): Promise<void> {
    await this.dataSource.manager.delete(ThumbnailEntity, { sourceSha256, width, format, sha256 });
  }
}
