-- godwit: depends_on=2024-01-02-000000_b
SELECT 1;
