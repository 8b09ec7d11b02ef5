-- up (apply)
SELECT 1;
-- down - take back
SELECT 2;
