-- nothing yet
-- Revision ID: m1
-- Revises:

-- upgrade

-- downgrade
