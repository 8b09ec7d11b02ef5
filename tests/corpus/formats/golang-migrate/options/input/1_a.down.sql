-- godwit: lock_timeout=1s
SELECT 2;
