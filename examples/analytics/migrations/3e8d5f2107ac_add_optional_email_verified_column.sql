-- Add optional email_verified column
--
-- Revision ID: 3e8d5f2107ac
-- Revises: 7a41e9d0c6b8
-- Create Date: 2025-01-13 10:40:05.901772

-- upgrade
ALTER TABLE users ADD COLUMN email_verified BOOLEAN;

-- downgrade
ALTER TABLE users DROP COLUMN email_verified;
