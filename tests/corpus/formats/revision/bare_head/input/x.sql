it's the users' table

Revision ID: b1
Revises: 

-- upgrade
SELECT 'x
-- downgrade
';
-- downgrade
SELECT 2;
