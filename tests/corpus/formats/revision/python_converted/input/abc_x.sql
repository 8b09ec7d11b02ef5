-- Revision ID: abc
-- Revises:
-- upgrade
SELECT 1;
