-- godwit: lock_timeout=1s
DROP TABLE a;
