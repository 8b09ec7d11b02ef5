\timing;
SELECT 1;