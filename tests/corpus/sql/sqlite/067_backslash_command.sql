\timing
SELECT 1;