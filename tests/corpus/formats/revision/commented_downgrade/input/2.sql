-- Revision ID: m2
-- Revises: m1
-- upgrade
SELECT 1;
-- downgrade
-- not possible
