-- add users
--
-- Revision ID: e6239818bb3a
-- Revises: 
-- Create Date: 2024-05-01 10:11:12.131415

-- upgrade
CREATE TABLE users (id int PRIMARY KEY);

-- downgrade
DROP TABLE users;
