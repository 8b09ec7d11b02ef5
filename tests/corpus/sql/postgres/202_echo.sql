\echo it's 50% done; "really
SELECT 1;
\echo
\echo 'a' `date`
SELECT 2;