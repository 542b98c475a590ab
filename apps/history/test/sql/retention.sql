begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select id from generation
where project_id = $1 and id > $2 and deleted_at is not null and deleted_at < $3 order by id limit $4;

begin read only; set local statement_timeout = 8000; set local enable_seqscan = off;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
) select id as "generationId", null::int as index, bytes, kept from judged where is_bin order by id;

select distinct generation_id as id from generation_image
where deleted_at is not null and state <> 'deleted' and generation_id > $1 order by generation_id limit $2;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
)
 select judged.id as "generationId", files.index::int as index, coalesce(files.bytes, 0)::float8 as bytes,
   case when files.role = 'output' and files.state = 'stored' then coalesce(files.bytes, 0) else 0 end::float8 as kept
 from judged join files on files.generation_id = judged.id
 where not judged.is_bin and (files.role = 'output' and files.state in ('stored', 'lost')
  and (files.deleted_at is not null and files.deleted_at < $6::timestamptz)) order by judged.id, files.index;

select id from generation where project_id = $1 and id > $2 and id < $3 order by id limit $4;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
) select id as "generationId", null::int as index, bytes, kept from judged where is_record and not is_bin order by id;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
)
 select judged.id as "generationId", files.index::int as index, coalesce(files.bytes, 0)::float8 as bytes,
   case when files.role = 'output' and files.state = 'stored' then coalesce(files.bytes, 0) else 0 end::float8 as kept
 from judged join files on files.generation_id = judged.id
 where not judged.is_bin and not judged.is_record and files.role = 'output' and files.state = 'stored'
  and not judged.is_tagged and not files.is_favorite and not (files.role = 'output' and files.state in ('stored', 'lost')
  and (files.deleted_at is not null and files.deleted_at < $6::timestamptz)) and (judged.id is not null and judged.id < $7::uuid) order by judged.id, files.index;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
)
 select judged.id as "generationId", files.index::int as index, coalesce(files.bytes, 0)::float8 as bytes,
   case when files.role = 'output' and files.state = 'stored' then coalesce(files.bytes, 0) else 0 end::float8 as kept
 from judged join files on files.generation_id = judged.id
 where not judged.is_bin and not judged.is_record and files.role = 'output' and files.state = 'stored'
  and not judged.is_tagged and not files.is_favorite and not (files.role = 'output' and files.state in ('stored', 'lost')
  and (files.deleted_at is not null and files.deleted_at < $6::timestamptz)) and not (judged.id is not null and judged.id < $7::uuid) order by judged.id, files.index;

with found as materialized (
  select id, deleted_at from generation
  where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
), tagged as materialized (select distinct generation_id as id from generation_tag
     where generation_id = any($1::uuid[]) and tag = any($3::text[])), favorite as materialized (select generation_id, index from favorite_image where generation_id = any($1::uuid[])), files as materialized (
  select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
    favorite.index is not null as is_favorite
  from generation_image as image
    left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
  where image.generation_id = any($1::uuid[])
), of_files as materialized (
  select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
    sum(bytes) filter (where sha256 is not null) as bytes,
    sum(bytes) filter (where role = 'output' and state = 'stored') as kept
  from files group by generation_id
), whole as materialized (
  select found.id, found.deleted_at, tagged.id is not null as is_tagged,
    tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
    coalesce(of_files.is_pending, false) as is_pending,
    coalesce(of_files.bytes, 0)::float8 as bytes,
    coalesce(of_files.kept, 0)::float8 as kept
  from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
), judged as materialized (
  select *,
    (deleted_at is not null and deleted_at < $4::timestamptz) and not is_pending as is_bin,
    (id is not null and id < $5::uuid) and not is_pending and not is_spared as is_record
  from whole
)
 select judged.id as "generationId", files.index::int as index, coalesce(files.bytes, 0)::float8 as bytes,
   case when files.role = 'output' and files.state = 'stored' then coalesce(files.bytes, 0) else 0 end::float8 as kept
 from judged join files on files.generation_id = judged.id
 where not judged.is_bin and not judged.is_record and files.role = 'input' and files.sha256 is not null and not judged.is_spared
    and (judged.id is not null and judged.id < $6::uuid) order by judged.id, files.index;

select id from generation where project_id = $1 and id < $2 order by id desc offset $3 limit 1;

with walked as materialized (
  select id from generation where project_id = $1 and id > $2 order by id limit 2000
)
select (select id from walked order by id desc limit 1) as last, coalesce(sum(
  (select sum(bytes) from generation_image
   where generation_id = walked.id and role = 'output' and state = 'stored')), 0)::float8 as bytes
from walked;
