-- Revision ID: ccc
-- Revises: aaa
-- upgrade
SELECT 1;
