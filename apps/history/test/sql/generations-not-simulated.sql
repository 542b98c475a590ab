begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id from generation
where generation.project_id = $1::uuid
  and generation.id >= $2::uuid
  and not generation.simulated
  and generation.deleted_at is null
order by generation.id desc limit 51;
