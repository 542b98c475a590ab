begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id, image.index from (select id from generation where deleted_at is not null and project_id = $1::uuid and id >= $2::uuid
      union select generation_id from generation_image where deleted_at is not null and state <> 'deleted' and generation_id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id >= $5::uuid offset 0) as generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.generation_id >= $6::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and (generation.deleted_at is not null or image.deleted_at is not null) offset 0) as image
where true
order by chosen.id desc, image.index limit 51;
