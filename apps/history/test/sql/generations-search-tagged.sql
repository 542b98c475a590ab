select generation_id as id from generation_tag
where tag = $2::text and project_id = $1::uuid
order by id desc limit 2001;
