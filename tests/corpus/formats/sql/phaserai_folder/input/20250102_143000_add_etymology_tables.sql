-- Migration: 20250102_143000_add_etymology_tables
-- Author: Development Team
-- Date: 2025-01-02 14:30:00
-- Description: Etymology of words,
--   with its sources
-- Dependencies: 20250101_120000_initial_schema.sql

-- UP
CREATE TABLE etymologies (id serial PRIMARY KEY);
-- DOWN
DROP TABLE etymologies;
