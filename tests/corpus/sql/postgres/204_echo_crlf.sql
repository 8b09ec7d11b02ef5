\echo start
SELECT 1;
\echo end
