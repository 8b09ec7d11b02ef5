-- Up migration
SELECT 1;
-- Down Script for emergencies
SELECT 2;
