begin read only; set local statement_timeout = 8000;

select distinct generation_id as id from generation_image
where sha256 = $1::text
order by id desc limit 102;

select generation.id from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id < $5::uuid
  and generation.id >= $6::uuid
  and generation.deleted_at is null
  and exists (select from generation_image
    where generation_id = generation.id and generation_image.generation_id < $7::uuid and generation_image.generation_id >= $8::uuid and deleted_at is null and sha256 = $9::text offset 0) offset 0) as generation
where true
order by chosen.id desc limit 51;
