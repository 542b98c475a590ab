begin read only; set local statement_timeout = 8000;

select distinct child_id as id from derivation
where parent_id = $1::uuid
order by id desc limit 102;

select generation.id from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id < $5::uuid
  and generation.id >= $6::uuid
  and exists (select from derivation where child_id = generation.id and parent_id = $7::uuid offset 0)
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
