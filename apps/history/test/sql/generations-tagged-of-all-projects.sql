select generation_id as id from generation_tag
where tag = $1::text
order by id desc limit 102;
