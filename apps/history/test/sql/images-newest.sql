select generation.id, image.index from generation
join generation_image as image on image.generation_id = generation.id
where generation.project_id = $1::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null
order by generation.id desc, image.index limit 51;
