select generation_id as id from generation_term
where term = $1::uuid
order by id desc limit 102;

select generation.id from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.id < $4::uuid
  and generation.id >= $5::uuid
  and generation.client_user = $6::text
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;

select generation_id as id from generation_term
where term = $1::uuid and generation_id < $2::uuid
order by id desc limit 408;

select generation_id as id from generation_term
where term = $1::uuid and generation_id < $2::uuid
order by id desc limit 1632;

select generation_id as id from generation_term
where term = $1::uuid and generation_id < $2::uuid
order by id desc limit 2000;
