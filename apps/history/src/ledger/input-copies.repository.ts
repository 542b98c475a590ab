import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../domain/scope.ts';
import { purgedFilesSql } from './purged-files.repository.ts';

/** The service's own copies of input images. */
@Injectable()
export class InputCopiesRepository {
  /**
   * Deletes the copies of input images of these generations for good, and returns how many. An input keeps its row, and the URL that it was
   * given as; without one, a rerun needs another image. What is in flight keeps its inputs. The transaction has locked the generations: a
   * statement does not see what was added after it began.
   */
  async purge(manager: EntityManager, { projectId }: Scope, ids: readonly string[]): Promise<number> {
    const [row] = await manager.query<{ purged: string }[]>(
      `with locked as materialized (
         select id from generation
         where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running') order by id for update
       ), found as materialized (
         select image.generation_id, image.role, image.index, image.sha256
         from generation_image as image join locked on locked.id = image.generation_id
         where image.generation_id = any($1::uuid[]) and image.role = 'input' and image.sha256 is not null
         order by image.generation_id, image.index for update of image
       ), changed as (
         update generation_image as image
         set state = 'deleted', deleted_at = now(), sha256 = null, bytes = null, mime_type = null, warning = null, orientation = null,
           try_at = null, lost_at = null
         from found
         where image.generation_id = any($1::uuid[])
           and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
         returning image.generation_id, image.index
       ), purged as (${purgedFilesSql('found join changed using (generation_id, index)')})
       select count(*) as purged from changed`,
      [ids, projectId],
    );
    return Number(row?.purged);
  }
}
