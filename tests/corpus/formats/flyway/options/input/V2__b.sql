-- godwit: depends_on=V1__a.sql
SELECT 1;
