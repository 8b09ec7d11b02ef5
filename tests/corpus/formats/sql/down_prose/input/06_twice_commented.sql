-- UP
SELECT 1;
-- DOWN
-- -- what follows takes it back
-- DROP TABLE a;
