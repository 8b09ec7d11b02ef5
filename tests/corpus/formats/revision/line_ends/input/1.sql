-- crlf
-- Revision ID: m1
-- Revises:

-- upgrade
SELECT 1;
-- downgrade
SELECT 2;