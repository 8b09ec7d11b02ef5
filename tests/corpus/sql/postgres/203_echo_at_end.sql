SELECT 1;
\echo done