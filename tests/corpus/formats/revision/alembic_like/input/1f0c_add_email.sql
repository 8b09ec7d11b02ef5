-- add email
-- Revision ID: 1f0c2d3e4a5b
-- Revises: e6239818bb3a
-- Branch Labels: accounts
-- Depends On: 
-- upgrade
ALTER TABLE users ADD email text;
-- downgrade
ALTER TABLE users DROP email;
