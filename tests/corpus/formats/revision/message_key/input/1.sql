-- Message: upgrade: everything
--
-- Revision ID: m1
-- Revises: None
-- Author: Ann

-- upgrade
SELECT 1;
