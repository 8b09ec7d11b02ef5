-- UP Apply changes
SELECT 1;
-- DOWN Roll back
SELECT 2;
