-- Revision ID: m2
-- Revises: m1
-- upgrade section
SELECT 1;
-- Downgrade the plan later
-- ==== downgrade ====
SELECT 2;
