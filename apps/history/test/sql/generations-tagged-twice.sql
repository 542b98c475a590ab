begin read only; set local statement_timeout = 8000;

select generation_id as id from generation_tag
where tag = $2::text and project_id = $1::uuid and generation_id in (select generation_id from generation_tag where tag = $3::text and project_id = $1::uuid)
order by id desc limit 102;
