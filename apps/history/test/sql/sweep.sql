select sha256 from generation_image where sha256 = any($1) union
select sha256 from thumbnail where sha256 = any($1);

select distinct sha256 from generation_image where sha256 = any($1);

select sha256 from generation_image where state = 'stored' and sha256 is not null order by generation_id desc limit $1;

select generation_id as "generationId", role, index, state, sha256 from generation_image
where sha256 is not null and state in ('stored', 'lost')
  and generation_id >= $1 and (generation_id, role, index) > ($1, $2, $3)
order by generation_id, role, index limit $4;

select source_sha256 as "sourceSha256", width, format, sha256 from thumbnail
where (source_sha256, width, format) > ($1, $2, $3) order by source_sha256, width, format limit $4;

select id from generation where id = any($1::uuid[]);
