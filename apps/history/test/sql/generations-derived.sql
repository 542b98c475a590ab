begin read only; set local statement_timeout = 8000; set local enable_seqscan = off; set local enable_sort = off; set local enable_hashjoin = off; set local enable_mergejoin = off;

select generation.id from (select distinct child_id as id from derivation where parent_id = $1::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $2::uuid
  and exists (select from derivation where child_id = generation.id and parent_id = $3::uuid offset 0)
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
