-- Migration: crlf
-- UP
SELECT 1;
-- DOWN
-- DROP TABLE a;
