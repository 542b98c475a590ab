set local idle_in_transaction_session_timeout = '5s'; set local lock_timeout = '10s'; set local jit = off;

select id, note from generation where id = any($1::uuid[]) and project_id = $2 order by id for update;

with found as materialized (
       select id, state in ('queued', 'running') as is_open from generation
       where id = any($1::uuid[]) and project_id = $2 order by id for update
     ), gone as (
       delete from generation using found
       where generation.id = any($1::uuid[]) and generation.id = found.id and not found.is_open
       returning generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
  generation.simulated, generation.created_at, generation.deleted_at, jsonb_strip_nulls(jsonb_build_object(
generation.state, 1,
'unknown', case when generation.outcome = 'unknown' then 1 end,
'cost:' || coalesce(generation.currency, ''), nullif(generation.cost, 0),
'failure:' || coalesce(generation.error ->> 'code', generation.error ->> 'type', 'unknown'), case when generation.state = 'failed' then 1 end,
'latency:' || coalesce(floor(ln(greatest(extract(epoch from generation.finished_at - generation.sent_at)::float8 * 1000, 1)) / ln(1.1::float8))::integer, 0),
case when generation.state = 'succeeded' and generation.sent_at is not null then 1 end)) as figures
     ), gone_images as (
       delete from generation_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
       returning generation_id, role, state, sha256, bytes, generation_image.deleted_at
     ), purged as (insert into purged_file (sha256, purged_at) select distinct sha256, now() from gone_images where sha256 is not null), gone_image_figures as (
       select gone.id, case when count(*) filter (where image.role = 'output') > 0 then jsonb_build_object(
'images', count(*) filter (where image.role = 'output'),
'visible_images', count(*) filter (where image.role = 'output' and gone.deleted_at is null and (image.deleted_at is null and image.state is distinct from 'deleted')),
'stored_bytes', coalesce(sum(image.bytes) filter (where image.role = 'output' and image.sha256 is not null), 0)) end as figures
       from gone join gone_images as image on image.generation_id = gone.id group by gone.id
     ), gone_figures as (
       select min(id::text)::uuid as id, project_id, model, source, api_key_id, simulated, created_at, jsonb_object_agg(name, value) as figures from (
         select min(gone.id::text) as id, project_id, model, source, api_key_id, simulated, date_trunc('hour', created_at, 'UTC') as created_at, one.key as name,
           sum(one.value::bigint) as value
         from gone left join gone_image_figures as image on image.id = gone.id
           cross join lateral jsonb_each_text(gone.figures || coalesce(image.figures, '{}')) as one
         group by project_id, model, source, api_key_id, simulated, date_trunc('hour', created_at, 'UTC'), one.key
       ) as summed group by project_id, model, source, api_key_id, simulated, created_at
     ), noted as (
       insert into outbox (generation_id, project_id, model, source, api_key_id, simulated, hour, added, removed, is_purge, announced, counted)
select gone_figures.id, gone_figures.project_id, gone_figures.model, gone_figures.source, gone_figures.api_key_id, gone_figures.simulated,
date_trunc('hour', gone_figures.created_at, 'UTC'), null, figures, true, true, false from gone_figures
     ), gone_texts as (
       delete from generation_text using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
     ), gone_terms as (
       delete from generation_term using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
     ), gone_derivations as (
       delete from derivation using gone where child_id = any($1::uuid[]) and child_id = gone.id
     ), gone_responses as (
       delete from open_response using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
     ), gone_tags as (delete from generation_tag using gone where generation_id = any($1::uuid[]) and generation_id = gone.id), gone_favorites as (delete from favorite_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id)
     select found.id, found.is_open, gone.id is not null as is_changed from found left join gone using (id);
