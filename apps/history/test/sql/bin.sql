with found as materialized (
  select id, deleted_at, state in ('queued', 'running') as is_open from generation
  where id = any($1::uuid[]) and project_id = $2 order by id for update
), changed as (
  update generation set deleted_at = now() from found where found.deleted_at is null and not found.is_open and generation.id = any($1::uuid[]) and generation.id = found.id returning generation.id
)
select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id);

with found as materialized (
  select id, deleted_at, state in ('queued', 'running') as is_open from generation
  where id = any($1::uuid[]) and project_id = $2 order by id for update
), changed as (
  update generation set deleted_at = null from found where found.deleted_at is not null and generation.id = any($1::uuid[]) and generation.id = found.id returning generation.id
)
select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id);

with given as materialized (
  select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
), locked as materialized (
  select id, state in ('queued', 'running') as is_open from generation where id = any($1::uuid[]) and project_id = $3 order by id for update
), found as materialized (
  select image.generation_id, image.role, image.index, image.sha256, locked.is_open
  from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
  where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
  order by image.generation_id, image.index for update of image
), changed as (
  update generation_image as image set deleted_at = now() from found where image.deleted_at is null and not found.is_open
    and image.generation_id = any($1::uuid[])
    and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
  returning image.generation_id, image.index
)
select found.generation_id, found.index, found.is_open, changed.index is not null as is_changed
from found left join changed using (generation_id, index);

with given as materialized (
  select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
), locked as materialized (
  select id, state in ('queued', 'running') as is_open from generation where id = any($1::uuid[]) and project_id = $3 order by id for update
), found as materialized (
  select image.generation_id, image.role, image.index, image.sha256, locked.is_open
  from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
  where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
  order by image.generation_id, image.index for update of image
), changed as (
  update generation_image as image set deleted_at = null from found where image.deleted_at is not null
    and image.generation_id = any($1::uuid[])
    and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
  returning image.generation_id, image.index
)
select found.generation_id, found.index, found.is_open, changed.index is not null as is_changed
from found left join changed using (generation_id, index);
