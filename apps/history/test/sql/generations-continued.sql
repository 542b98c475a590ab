select generation.id from generation
where generation.project_id = $1::uuid
  and generation.id < $2::uuid
  and generation.id >= $3::uuid
  and generation.deleted_at is null
order by generation.id desc limit 51;
