-- Migration: 05_migration_is_the_name.sql
-- Description: what it really does
SELECT 1;
