-- Migration: Add etymology tables
-- Author: PhaserAI team
-- Date: 2025-01-02 14:30:00
-- Description: Where a word comes from, and which words it is related to
-- Dependencies: 20250101_120000_initial_schema.sql

-- UP: Apply changes
BEGIN;

CREATE TABLE IF NOT EXISTS word_etymology (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  word_id UUID NOT NULL UNIQUE REFERENCES words(id) ON DELETE CASCADE,
  parent_word_id UUID REFERENCES words(id) ON DELETE SET NULL,
  derivation_type TEXT NOT NULL DEFAULT 'original'
    CHECK (derivation_type IN ('original', 'derived', 'borrowed', 'compound')),
  source_language TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE IF NOT EXISTS word_relationships (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  from_word_id UUID NOT NULL REFERENCES words(id) ON DELETE CASCADE,
  to_word_id UUID NOT NULL REFERENCES words(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('synonym', 'antonym', 'derivative')),
  CHECK (from_word_id <> to_word_id)
);

-- Create indexes
CREATE INDEX IF NOT EXISTS idx_word_etymology_parent ON word_etymology(parent_word_id);
CREATE UNIQUE INDEX IF NOT EXISTS idx_word_relationships_pair
  ON word_relationships(from_word_id, to_word_id, kind);

-- A word cannot be its own ancestor.
CREATE OR REPLACE FUNCTION refuse_etymology_cycle()
RETURNS TRIGGER AS $body$
DECLARE
  ancestor UUID := NEW.parent_word_id;
BEGIN
  WHILE ancestor IS NOT NULL LOOP
    IF ancestor = NEW.word_id THEN
      RAISE EXCEPTION 'the word % would descend from itself; this isn''t possible', NEW.word_id;
    END IF;
    SELECT parent_word_id INTO ancestor FROM word_etymology WHERE word_id = ancestor;
  END LOOP;
  RETURN NEW;
END;
$body$ LANGUAGE plpgsql;

CREATE TRIGGER refuse_etymology_cycle BEFORE INSERT OR UPDATE ON word_etymology
  FOR EACH ROW EXECUTE FUNCTION refuse_etymology_cycle();

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250102_143000', NOW(), 'Add etymology tables')
ON CONFLICT (version) DO NOTHING;

COMMIT;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- DROP TABLE IF EXISTS word_relationships CASCADE;
-- DROP TABLE IF EXISTS word_etymology CASCADE;
-- DROP FUNCTION IF EXISTS refuse_etymology_cycle();
-- DELETE FROM schema_migrations WHERE version = '20250102_143000';
-- COMMIT;
