-- Revision ID: m1
-- Revises: base
-- UPGRADE:
SELECT 1;
-- Downgrade: take back
SELECT 2;
