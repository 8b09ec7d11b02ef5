-- Dependencies: the uuid-ossp extension, users table, 02
SELECT 1;
