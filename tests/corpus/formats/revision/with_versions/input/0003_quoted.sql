SELECT 'x';
SELECT '
Revision ID: no
';
