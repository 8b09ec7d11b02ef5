-- Migration: Add user preferences
-- Author: PhaserAI team
-- Date: 2025-01-03 09:15:00
-- Description: What each user has chosen; everyone who is there already gets the defaults
-- Dependencies: 20250102_143000_add_etymology_tables.sql

-- UP: Apply changes
BEGIN;

CREATE TABLE IF NOT EXISTS user_preferences (
  user_id UUID PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  theme TEXT NOT NULL DEFAULT 'system' CHECK (theme IN ('light', 'dark', 'system')),
  locale TEXT NOT NULL DEFAULT 'en',
  settings JSONB NOT NULL DEFAULT '{}'
);

INSERT INTO user_preferences (user_id)
SELECT id FROM users
ON CONFLICT (user_id) DO NOTHING;

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250103_091500', NOW(), 'Add user preferences')
ON CONFLICT (version) DO NOTHING;

COMMIT;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- DROP TABLE IF EXISTS user_preferences CASCADE;
-- DELETE FROM schema_migrations WHERE version = '20250103_091500';
-- COMMIT;
