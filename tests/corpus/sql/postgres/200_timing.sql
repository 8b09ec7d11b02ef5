\timing
SELECT 1;
\timing on
\timing off
SELECT 2;