select generation.id from generation
where generation.deleted_at is null
order by generation.id desc limit 51;
