with recursive page as (
  select 0 as number, cast(0 as float8) as total, cast(null as generation) as row,
    cast(null as json) as images, cast(null as json) as tags, cast(null as json) as origins
  union all
  select page.number + 1, page.total + coalesce(record.bytes, 0), record.row, record.images, record.tags, record.origins
  from page left join lateral (
    select cast(generation as generation) as row, 1500 + coalesce(octet_length(cast(generation.prompt as text)), 0) + coalesce(octet_length(cast(generation.request as text)), 0) + coalesce(octet_length(cast(generation.kept_request as text)), 0) + coalesce(octet_length(cast(generation.metadata as text)), 0) + coalesce(octet_length(cast(generation.error as text)), 0) + coalesce(octet_length(cast(generation.upstream_message as text)), 0) + coalesce(octet_length(cast(generation.upstream_extra as text)), 0) + coalesce(own.bytes, 0) as bytes, own.images,
      (select json_agg(tag order by tag collate "C") from generation_tag where generation_id = generation.id) as tags,
      (select json_agg(json_build_array(kind, parent_id, image_id)
          order by cast(parent_id as text) collate "C", image_id collate "C")
        from derivation where child_id = generation.id) as origins
    from generation cross join lateral (
      select sum(600 + coalesce(octet_length(cast(image."sourceUrl" as text)), 0) + coalesce(octet_length(cast(image."sourceUrl" as text)), 0) + coalesce(octet_length(cast(image."revisedPrompt" as text)), 0)) as bytes, json_agg(image order by index) as images from (select image.role, image.index, image.state, image.sha256, image.width, image.height, image.bytes,
  image.mime_type as "mimeType", image.warning, image.orientation, image.from_image as "fromImage", image.deleted_at as "deletedAt",
  (select hash from thumbhash where thumbhash.sha256 = image.sha256 and image.role = 'output') as thumbhash,
  image.role = 'output' and exists (
    select from favorite_image
    where favorite_image.generation_id = image.generation_id and favorite_image.index = image.index offset 0) as favorite,
  image.source_url as "sourceUrl", image.revised_prompt as "revisedPrompt"
from generation_image as image where image.generation_id = generation.id and image.generation_id = any(cast($1 as uuid[])) and image.generation_id between cast($2 as uuid) and cast($3 as uuid)) as image) as own
    where generation.id = (cast($1 as uuid[]))[page.number + 1] and generation.id = any(cast($1 as uuid[])) and generation.id between cast($2 as uuid) and cast($3 as uuid)
      and (cast($5 as uuid) is null or generation.project_id = cast($5 as uuid))
    offset 0) as record on true
  where page.number < cardinality(cast($1 as uuid[])) and (page.number = 0 or page.total <= $4))
select (row).*, images, tags, origins from page where number > 0 and (number = 1 or total <= $4) order by number;

select key.id as "generationId", image.*, generation.*, (
  select cast(count(*) as integer) from generation_image
  where generation_id = key.id and generation_id between cast($2 as uuid) and cast($3 as uuid) and role = 'output') as "setSize"
from unnest(cast($1 as uuid[]), cast($4 as smallint[])) with ordinality as key (id, index, number)
cross join lateral (
  select model, left(prompt, 200) as prompt, created_at as "createdAt", deleted_at as "generationDeletedAt"
  from generation where generation.id = key.id and generation.id between cast($2 as uuid) and cast($3 as uuid) offset 0) as generation
cross join lateral (
  select image.role, image.index, image.state, image.sha256, image.width, image.height, image.bytes,
  image.mime_type as "mimeType", image.warning, image.orientation, image.from_image as "fromImage", image.deleted_at as "deletedAt",
  (select hash from thumbhash where thumbhash.sha256 = image.sha256 and image.role = 'output') as thumbhash,
  image.role = 'output' and exists (
    select from favorite_image
    where favorite_image.generation_id = image.generation_id and favorite_image.index = image.index offset 0) as favorite, null as "sourceUrl", null as "revisedPrompt" from generation_image as image
  where image.generation_id = key.id and image.role = 'output' and image.index = key.index and image.generation_id between cast($2 as uuid) and cast($3 as uuid)
  offset 0) as image
order by key.number;

select id, state, outcome, error, resolved_at as "resolvedAt", finished_at as "finishedAt", (select json_agg(image order by index) from (select image.role, image.index, image.state, image.sha256, image.width, image.height, image.bytes,
  image.mime_type as "mimeType", image.warning, image.orientation, image.from_image as "fromImage", image.deleted_at as "deletedAt",
  (select hash from thumbhash where thumbhash.sha256 = image.sha256 and image.role = 'output') as thumbhash,
  image.role = 'output' and exists (
    select from favorite_image
    where favorite_image.generation_id = image.generation_id and favorite_image.index = image.index offset 0) as favorite,
  image.source_url as "sourceUrl", image.revised_prompt as "revisedPrompt"
from generation_image as image where image.generation_id = generation.id and image.generation_id between cast($2 as uuid) and cast($3 as uuid)) as image) as images
     from generation where id = any(cast($1 as uuid[])) and id between cast($2 as uuid) and cast($3 as uuid);

with recursive page as (
  select 0 as number, cast(0 as float8) as bytes, cast(0 as float8) as total
  union all
  select page.number + 1, size.bytes, page.total + coalesce(size.bytes, 0)
  from page left join lateral (
    select cast(1500 + coalesce(octet_length(cast(generation.prompt as text)), 0) + coalesce(octet_length(cast(generation.request as text)), 0) + coalesce(octet_length(cast(generation.kept_request as text)), 0) + coalesce(octet_length(cast(generation.metadata as text)), 0) + coalesce(octet_length(cast(generation.error as text)), 0) + coalesce(octet_length(cast(generation.upstream_message as text)), 0) + coalesce(octet_length(cast(generation.upstream_extra as text)), 0) + (
select coalesce(sum(600 + coalesce(octet_length(cast(image.source_url as text)), 0) + coalesce(octet_length(cast(image.source_url as text)), 0) + coalesce(octet_length(cast(image.revised_prompt as text)), 0)), 0)
from generation_image as image where image.generation_id = generation.id and image.generation_id between cast($2 as uuid) and cast($3 as uuid)) as float8) as bytes from generation
    where generation.id = (cast($1 as uuid[]))[page.number + 1] and generation.id between cast($2 as uuid) and cast($3 as uuid)) as size on true
  where page.number < cardinality(cast($1 as uuid[])) and (page.number <= 1 or page.total <= $4))
select number, bytes from page where number > 0;
