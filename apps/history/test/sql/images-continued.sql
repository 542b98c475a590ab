select generation.id, image.index from generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.generation_id < $4::uuid
  and image.generation_id >= $5::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null offset 0) as image
where generation.project_id = $1::uuid
  and generation.id < $2::uuid
  and generation.id >= $3::uuid
  and (generation.id <> $6::uuid or image.index > $7::smallint)
order by generation.id desc, image.index limit 51;
