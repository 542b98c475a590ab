select generation.id, image.index from generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null offset 0) as image
where generation.project_id = $1::uuid
order by generation.id asc, image.index limit 51;
