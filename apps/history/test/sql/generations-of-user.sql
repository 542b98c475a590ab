begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id from (select generation_id as id from generation_term where term = $1::uuid and project_id = $2::uuid) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $3::uuid
  and generation.client_user = $4::text
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
