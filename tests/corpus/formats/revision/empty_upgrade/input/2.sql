-- only down
-- Revision ID: m2
-- Revises: m1

-- upgrade

-- downgrade
SELECT 1;
