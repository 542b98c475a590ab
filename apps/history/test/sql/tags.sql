select tag, count(*) as generations
from generation_tag
where project_id = $1 and not exists (
  select from generation
  where id = generation_id and deleted_at is not null and generation.project_id = $1)
group by tag order by count(*) desc, tag;
