begin read only; set local statement_timeout = 8000;

select generation_id as id from generation_text where project_id = $1::uuid and true
order by generation_id desc offset 2999 limit 1;

select generation_id as id from generation_text
where project_id = $1::uuid and generation_id >= $2::uuid and true and (position($3::text in prompt) > 0 or position($3::text in revised) > 0 or position($3::text in notes) > 0)
order by generation_id desc limit 128;

select generation.id from (select id from unnest($1::uuid[]) as id where true and id < $2::uuid and id >= $3::uuid order by id desc) as chosen
cross join lateral (select * from generation where generation.id = chosen.id
  and generation.project_id = $4::uuid
  and generation.id < $5::uuid
  and generation.id >= $6::uuid
  and generation.deleted_at is null offset 0) as generation
where true
order by chosen.id desc limit 51;
