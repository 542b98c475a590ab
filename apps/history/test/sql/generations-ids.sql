select generation.id from (select id from unnest($1::uuid[]) as id where true) as chosen join generation on generation.id = chosen.id
where generation.project_id = $2::uuid
  and generation.deleted_at is null
order by chosen.id desc limit 51;
