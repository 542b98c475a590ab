begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id, image.index from (select distinct generation_id as id from favorite_image where true and project_id = $1::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $2::uuid offset 0) as generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null
  and exists (select from favorite_image
    where generation_id = image.generation_id and favorite_image.index = image.index offset 0) offset 0) as image
where true
order by chosen.id desc, image.index limit 51;
