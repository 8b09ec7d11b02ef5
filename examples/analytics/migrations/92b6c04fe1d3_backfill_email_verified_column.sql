-- Backfill email_verified column
--
-- Revision ID: 92b6c04fe1d3
-- Revises: 3e8d5f2107ac
-- Create Date: 2025-01-14 08:25:31.004966

-- upgrade
UPDATE users SET email_verified = FALSE WHERE email_verified IS NULL;

-- downgrade
UPDATE users SET email_verified = NULL;
