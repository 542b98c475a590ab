insert into purged_file (sha256, purged_at) select distinct sha256, now() from unnest($1::text[]) as sha256 where sha256 is not null;

select id, sha256 from purged_file where id > $1 order by id limit $2;

delete from purged_file where id = any($1::bigint[]);

SELECT "ThumbnailEntity"."source_sha256" AS "ThumbnailEntity_source_sha256", "ThumbnailEntity"."width" AS "ThumbnailEntity_width", "ThumbnailEntity"."format" AS "ThumbnailEntity_format", "ThumbnailEntity"."sha256" AS "ThumbnailEntity_sha256", "ThumbnailEntity"."bytes" AS "ThumbnailEntity_bytes", "ThumbnailEntity"."created_at" AS "ThumbnailEntity_created_at" FROM "thumbnail" "ThumbnailEntity" WHERE (("ThumbnailEntity"."source_sha256" IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)));
