.tables
SELECT 1;