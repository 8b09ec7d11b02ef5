\timing on \echo hello \\ SELECT 1;
\echo 'a\\b' \timing
SELECT 2;