\timing on
\set ON_ERROR_STOP on
ALTER TABLE words ADD COLUMN difficulty INTEGER DEFAULT 1;
\echo it's done
-- DOWN
ALTER TABLE words DROP COLUMN difficulty;
