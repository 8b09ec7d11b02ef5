-- Revision ID: m2
-- Revises:
-- Branch Labels: one, two
-- Depends On: None
-- godwit: depends_on=1.sql
-- upgrade
SELECT 1;
