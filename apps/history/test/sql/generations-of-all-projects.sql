select generation.id from generation
where generation.id >= $1::uuid
  and generation.deleted_at is null
order by generation.id desc limit 51;
