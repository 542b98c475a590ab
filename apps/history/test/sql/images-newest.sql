select generation.id, image.index from generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.generation_id >= $3::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null offset 0) as image
where generation.project_id = $1::uuid
  and generation.id >= $2::uuid
order by generation.id desc, image.index limit 51;
