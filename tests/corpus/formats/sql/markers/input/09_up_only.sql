-- just a comment
-- UP
SELECT 1;
