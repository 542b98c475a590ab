begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id, image.index from (select id from generation where deleted_at is not null and project_id = $1::uuid
      union select generation_id from generation_image where deleted_at is not null and state <> 'deleted') as chosen join generation on generation.id = chosen.id
join generation_image as image on image.generation_id = generation.id
where generation.project_id = $2::uuid
  and image.role = 'output'
  and image.state <> 'deleted'
  and (generation.deleted_at is not null or image.deleted_at is not null)
order by chosen.id desc, image.index limit 51;
