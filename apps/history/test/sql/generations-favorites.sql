begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id from (select distinct generation_id as id from favorite_image where true and project_id = $1::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $2::uuid
  and generation.deleted_at is null
  and exists (select from favorite_image join generation_image using (generation_id, index)
    where generation_id = generation.id and role = 'output' and deleted_at is null offset 0) offset 0) as generation
where true
order by chosen.id desc limit 51;
