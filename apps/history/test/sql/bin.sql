set local idle_in_transaction_session_timeout = '5s'; set local lock_timeout = '10s'; set local jit = off;

select id, note from generation where id = any($1::uuid[]) and project_id = $2 order by id for update;

with found as materialized (
       select id, deleted_at, state in ('queued', 'running') as is_open from generation
       where id = any($1::uuid[]) and project_id = $2 order by id for update
     ), changed as (
       update generation set deleted_at = now() from found where found.deleted_at is null and not found.is_open and generation.id = any($1::uuid[]) and generation.id = found.id
       returning generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
  generation.simulated, generation.created_at
     ), noted as (
       insert into outbox (generation_id, project_id, model, source, api_key_id, simulated, hour, added, removed, is_purge, announced, counted)
select changed.id, changed.project_id, changed.model, changed.source, changed.api_key_id, changed.simulated,
date_trunc('hour', changed.created_at, 'UTC'), null, jsonb_build_object('visible_images', visible.images), false, true, false
       from changed join (
         select generation_id, count(*) as images from generation_image as image
         where generation_id = any($1::uuid[]) and role = 'output' and (image.deleted_at is null and image.state is distinct from 'deleted') group by generation_id
       ) as visible on visible.generation_id = changed.id
     )
     select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id);

with found as materialized (
       select id, deleted_at, state in ('queued', 'running') as is_open from generation
       where id = any($1::uuid[]) and project_id = $2 order by id for update
     ), changed as (
       update generation set deleted_at = null from found where found.deleted_at is not null and generation.id = any($1::uuid[]) and generation.id = found.id
       returning generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
  generation.simulated, generation.created_at
     ), noted as (
       insert into outbox (generation_id, project_id, model, source, api_key_id, simulated, hour, added, removed, is_purge, announced, counted)
select changed.id, changed.project_id, changed.model, changed.source, changed.api_key_id, changed.simulated,
date_trunc('hour', changed.created_at, 'UTC'), jsonb_build_object('visible_images', visible.images), null, false, true, false
       from changed join (
         select generation_id, count(*) as images from generation_image as image
         where generation_id = any($1::uuid[]) and role = 'output' and (image.deleted_at is null and image.state is distinct from 'deleted') group by generation_id
       ) as visible on visible.generation_id = changed.id
     )
     select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id);

with given as materialized (
     select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
   ), locked as materialized (
     select generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
  generation.simulated, generation.created_at, generation.deleted_at, state in ('queued', 'running') as is_open from generation
     where id = any($1::uuid[]) and project_id = $3 order by id for update
   ), found as materialized (
     select image.generation_id, image.role, image.index, image.sha256, image.bytes, locked.is_open,
       locked.deleted_at is null and (image.deleted_at is null and image.state is distinct from 'deleted') as is_visible
     from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
     where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
     order by image.generation_id, image.index for update of image
   ), changed as (
     update generation_image as image set deleted_at = now() from found where image.deleted_at is null and not found.is_open
       and image.generation_id = any($1::uuid[])
       and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
     returning image.generation_id, image.index
   ), noted as (
     insert into outbox (generation_id, project_id, model, source, api_key_id, simulated, hour, added, removed, is_purge, announced, counted)
select counted.id, counted.project_id, counted.model, counted.source, counted.api_key_id, counted.simulated,
date_trunc('hour', counted.created_at, 'UTC'), null, jsonb_build_object('visible_images', images), false, true, false from (
       select locked.id, locked.project_id, locked.model, locked.source, locked.api_key_id, locked.simulated, locked.created_at, count(*) filter (where found.is_visible) as images, coalesce(sum(bytes) filter (where sha256 is not null), 0) as bytes
       from found join changed using (generation_id, index) join locked on locked.id = found.generation_id group by locked.id, locked.project_id, locked.model, locked.source, locked.api_key_id, locked.simulated, locked.created_at
     ) as counted
   )
   select found.generation_id, found.index, found.is_open, changed.index is not null as is_changed
   from found left join changed using (generation_id, index);

with given as materialized (
     select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
   ), locked as materialized (
     select generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
  generation.simulated, generation.created_at, generation.deleted_at, state in ('queued', 'running') as is_open from generation
     where id = any($1::uuid[]) and project_id = $3 order by id for update
   ), found as materialized (
     select image.generation_id, image.role, image.index, image.sha256, image.bytes, locked.is_open,
       locked.deleted_at is null and (image.deleted_at is null and image.state is distinct from 'deleted') as is_visible
     from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
     where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
     order by image.generation_id, image.index for update of image
   ), changed as (
     update generation_image as image set deleted_at = null from found where image.deleted_at is not null
       and image.generation_id = any($1::uuid[])
       and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
     returning image.generation_id, image.index
   ), noted as (
     insert into outbox (generation_id, project_id, model, source, api_key_id, simulated, hour, added, removed, is_purge, announced, counted)
select counted.id, counted.project_id, counted.model, counted.source, counted.api_key_id, counted.simulated,
date_trunc('hour', counted.created_at, 'UTC'), jsonb_build_object('visible_images', images), null, false, true, false from (
       select locked.id, locked.project_id, locked.model, locked.source, locked.api_key_id, locked.simulated, locked.created_at, count(*) filter (where locked.deleted_at is null) as images, coalesce(sum(bytes) filter (where sha256 is not null), 0) as bytes
       from found join changed using (generation_id, index) join locked on locked.id = found.generation_id group by locked.id, locked.project_id, locked.model, locked.source, locked.api_key_id, locked.simulated, locked.created_at
     ) as counted
   )
   select found.generation_id, found.index, found.is_open, changed.index is not null as is_changed
   from found left join changed using (generation_id, index);
