-- UP
SELECT '${kept}';
-- DOWN
SELECT 2;
