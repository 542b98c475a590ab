select parent_id as "from", child_id as "to", kind, image_id from derivation
where child_id = any($1::uuid[]) order by child_id, parent_id limit 400;

select parent_id as "from", child_id as "to", kind, image_id from derivation
where parent_id = any($1::uuid[]) order by parent_id, child_id limit 400;
