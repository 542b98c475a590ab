select generation_id as id, sha256, width, height,
  (select true from thumbhash where thumbhash.sha256 = image.sha256) is not null as "isHashed"
from generation_image as image
where generation_id < $1 and role = 'output' and state = 'stored' and sha256 is not null
order by generation_id desc limit $2;

select sha256 from thumbhash where sha256 > $1 order by sha256 limit $2;

select from thumbhash where sha256 = $1;

select from generation where state in ('queued', 'running') limit 1;
