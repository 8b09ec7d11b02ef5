-- Migration: Initial schema
-- Author: Development Team
-- Date: 2025-01-01 12:00:00
-- Description: Tables for words and languages
-- Dependencies: None

-- UP: Apply changes
CREATE TABLE languages (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE words (id serial PRIMARY KEY, word text NOT NULL);

-- DOWN: Rollback changes (for reference)
-- DROP TABLE words;
-- DROP TABLE languages;
