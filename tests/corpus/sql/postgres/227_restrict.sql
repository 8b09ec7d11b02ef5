\restrict abc
SELECT 1;
