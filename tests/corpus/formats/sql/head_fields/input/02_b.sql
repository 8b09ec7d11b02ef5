-- description: lower case key
-- dependencies: n/a
SELECT 1;
