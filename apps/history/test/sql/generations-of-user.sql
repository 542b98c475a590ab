select generation_id as id from generation_term
where term = $2::uuid and project_id = $1::uuid
order by id desc limit 102;
