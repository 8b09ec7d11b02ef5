-- Revision ID: m1
-- Revises:
-- Depends On: m2, billing:1.0.0
-- upgrade
SELECT 1;
