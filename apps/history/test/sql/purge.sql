set local idle_in_transaction_session_timeout = '5s'; set local lock_timeout = '10s';

select id, note from generation where id = any($1::uuid[]) and project_id = $2 order by id for update;

with found as materialized (
  select id, state in ('queued', 'running') as is_open from generation
  where id = any($1::uuid[]) and project_id = $2 order by id for update
), gone as (
  delete from generation using found
  where generation.id = any($1::uuid[]) and generation.id = found.id and not found.is_open returning generation.id
), gone_images as (
  delete from generation_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
  returning sha256
), purged as (insert into purged_file (sha256, purged_at) select distinct sha256, now() from gone_images where sha256 is not null), gone_texts as (
  delete from generation_text using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
), gone_terms as (
  delete from generation_term using gone where generation_id = gone.id
), gone_derivations as (
  delete from derivation using gone where child_id = gone.id
), gone_responses as (
  delete from open_response using gone where generation_id = gone.id
), gone_tags as (delete from generation_tag using gone where generation_id = gone.id), gone_favorites as (delete from favorite_image using gone where generation_id = gone.id)
select found.id, found.is_open, gone.id is not null as is_changed from found left join gone using (id);
