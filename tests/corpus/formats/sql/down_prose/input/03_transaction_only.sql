-- UP
SELECT 1;
-- DOWN
BEGIN;
-- nothing
COMMIT;
