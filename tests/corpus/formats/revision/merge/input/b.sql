-- Revision ID: bbb
-- Revises: aaa
-- upgrade
SELECT 1;
-- downgrade
SELECT 2;
