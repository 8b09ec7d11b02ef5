-- UP
SELECT 1;
-- DOWN
--drop table a
--  cascade;
