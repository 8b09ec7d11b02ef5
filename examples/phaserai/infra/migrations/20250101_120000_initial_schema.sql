-- Migration: Initial schema
-- Author: PhaserAI team
-- Date: 2025-01-01 12:00:00
-- Description: Users, their constructed languages, the sounds and the words of each
-- Dependencies: none

-- UP: Apply changes
BEGIN;

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

CREATE TABLE IF NOT EXISTS users (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE IF NOT EXISTS languages (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  alphabet_script TEXT,
  writing_direction TEXT NOT NULL DEFAULT 'ltr' CHECK (writing_direction IN ('ltr', 'rtl', 'ttb')),
  rules JSONB NOT NULL DEFAULT '{}',
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  UNIQUE (user_id, name)
);

CREATE TABLE IF NOT EXISTS phonemes (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  language_id UUID NOT NULL REFERENCES languages(id) ON DELETE CASCADE,
  symbol TEXT NOT NULL,
  ipa TEXT NOT NULL,
  UNIQUE (language_id, symbol)
);

CREATE TABLE IF NOT EXISTS words (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  language_id UUID NOT NULL REFERENCES languages(id) ON DELETE CASCADE,
  word TEXT NOT NULL,
  ipa TEXT,
  pos TEXT,
  is_root BOOLEAN NOT NULL DEFAULT FALSE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE IF NOT EXISTS word_translations (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  word_id UUID NOT NULL REFERENCES words(id) ON DELETE CASCADE,
  locale TEXT NOT NULL,
  meaning TEXT NOT NULL
);

-- Create indexes
CREATE INDEX IF NOT EXISTS idx_languages_user_id ON languages(user_id);
CREATE INDEX IF NOT EXISTS idx_words_language_id ON words(language_id);
CREATE INDEX IF NOT EXISTS idx_words_word ON words(word);
CREATE INDEX IF NOT EXISTS idx_word_translations_word_id ON word_translations(word_id);

-- updated_at follows every change; semicolons and quotes in the body are the function's own
CREATE OR REPLACE FUNCTION update_updated_at_column()
RETURNS TRIGGER AS $$
BEGIN
  IF NEW IS DISTINCT FROM OLD THEN
    NEW.updated_at = NOW();  -- the row's, not the statement's
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER update_users_updated_at BEFORE UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER update_languages_updated_at BEFORE UPDATE ON languages
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE TRIGGER update_words_updated_at BEFORE UPDATE OF word, ipa, pos, is_root ON words
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250101_120000', NOW(), 'Initial schema')
ON CONFLICT (version) DO NOTHING;

COMMIT;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- DROP TABLE IF EXISTS word_translations CASCADE;
-- DROP TABLE IF EXISTS words CASCADE;
-- DROP TABLE IF EXISTS phonemes CASCADE;
-- DROP TABLE IF EXISTS languages CASCADE;
-- DROP TABLE IF EXISTS users CASCADE;
-- DROP FUNCTION IF EXISTS update_updated_at_column();
-- DROP EXTENSION IF EXISTS "uuid-ossp";
-- DELETE FROM schema_migrations WHERE version = '20250101_120000';
-- COMMIT;
