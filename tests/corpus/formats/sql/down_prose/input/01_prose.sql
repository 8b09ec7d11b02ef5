-- UP
SELECT 1;
-- DOWN: cannot be taken back
-- Restore the backup instead.
-- Drop the table by hand if it must go
