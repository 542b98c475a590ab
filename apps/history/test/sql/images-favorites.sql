select distinct generation_id as id from favorite_image
where project_id = $1::uuid
order by id desc limit 102;

select generation.id, image.index from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id < $5::uuid
  and generation.id >= $6::uuid offset 0) as generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.generation_id < $7::uuid
  and image.generation_id >= $8::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null
  and exists (select from favorite_image
    where generation_id = image.generation_id and favorite_image.index = image.index offset 0) offset 0) as image
where true
order by chosen.id desc, image.index limit 51;
