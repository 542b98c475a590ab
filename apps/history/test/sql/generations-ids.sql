select generation.id from (select id from unnest($1::uuid[]) as id where true) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $2::uuid
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
