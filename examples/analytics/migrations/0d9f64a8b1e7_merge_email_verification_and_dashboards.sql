-- Merge email verification and dashboards
--
-- Revision ID: 0d9f64a8b1e7
-- Revises: 92b6c04fe1d3, c58a7be39f40
-- Create Date: 2025-01-15 09:02:57.662190

-- upgrade

-- downgrade
