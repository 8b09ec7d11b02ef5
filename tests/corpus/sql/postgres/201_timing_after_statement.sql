SELECT 1; \timing on
SELECT 2;