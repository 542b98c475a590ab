with full_ones as (
  select id from unnest($1::uuid[]) as id
  where (select count(*) from (
    select tag from generation_tag where generation_id = id union select unnest($2::text[])) as all_tags) > 32
), added as (
  insert into generation_tag (generation_id, tag, project_id)
  select id, tag, $3 from unnest($1::uuid[]) as id cross join unnest($2::text[]) as tag
  where id not in (select id from full_ones)
  on conflict do nothing returning generation_id
)
select array(select distinct generation_id from added) as changed, array(select id from full_ones) as full;

select generation_id as id, tag from generation_tag where generation_id = any($1::uuid[]) order by tag;

delete from generation_tag where generation_id = any($1::uuid[]) and tag = any($2::text[]) returning generation_id as id;
