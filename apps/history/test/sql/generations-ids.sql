select generation.id from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id < $5::uuid
  and generation.id >= $6::uuid
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
