begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id, image.index from (select generation_id as id from generation_tag where tag = $1::text and project_id = $2::uuid) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $3::uuid
  and exists (select from generation_tag where generation_id = generation.id and tag = $4::text offset 0) offset 0) as generation
cross join lateral (select * from generation_image as image where image.generation_id = generation.id
  and image.role = 'output'
  and image.state <> 'deleted'
  and generation.deleted_at is null and image.deleted_at is null offset 0) as image
where true
order by chosen.id desc, image.index limit 51;
