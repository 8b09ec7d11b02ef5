-- migrate:up
-- UP
SELECT 1;
-- DOWN
SELECT 2;
-- migrate:down
SELECT 3;
