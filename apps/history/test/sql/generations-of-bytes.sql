begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id from (select distinct generation_id as id from generation_image where sha256 = $1::text order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $2::uuid
  and generation.deleted_at is null
  and exists (select from generation_image
    where generation_id = generation.id and deleted_at is null and sha256 = $3::text offset 0) offset 0) as generation
where true
order by chosen.id desc limit 51;
