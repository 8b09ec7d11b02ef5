-- Revision ID: r2
-- Revises: 0001
-- upgrade
SELECT 1;
