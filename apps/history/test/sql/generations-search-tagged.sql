select id from (select generation_id as id from generation_tag where tag = $1::text and project_id = $2::uuid) as chosen limit 2001;
