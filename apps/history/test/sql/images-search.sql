begin read only; set local statement_timeout = 8000;

select generation_id as id from generation_text where project_id = $1::uuid and true
order by generation_id desc offset 2999 limit 1;

select generation_id as id from generation_text
where project_id = $1::uuid and generation_id >= $2::uuid and true and (position($3::text in prompt) > 0 or position($3::text in revised) > 0 or position($3::text in notes) > 0)
order by generation_id desc limit 128;

select generation_id as id from generation_text where project_id = $1::uuid and true order by generation_id limit 1;

select generation_id as id
from (
  select generation_id, prompt, revised, notes from generation_text
  where (prompt_terms || revised_terms || notes_terms) @@ $1::tsquery and project_id = $2::uuid and generation_id < $3::uuid and generation_id >= $4::uuid and true offset 0) as candidate
where (position($5::text in prompt) > 0 or position($5::text in revised) > 0 or position($5::text in notes) > 0)
order by generation_id desc limit 128;
