-- Revision ID: aaa
-- Revises: None
-- upgrade
SELECT 1;
-- downgrade
SELECT 2;
