-- UP
SELECT 1;
-- DOWN
-- godwit: no-op
