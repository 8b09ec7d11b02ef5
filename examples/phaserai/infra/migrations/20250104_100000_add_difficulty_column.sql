-- Migration: Add difficulty column
-- Author: PhaserAI team
-- Date: 2025-01-04 10:00:00
-- Description: How hard a word is to learn; empty until the next migration fills it
-- Dependencies: 20250103_091500_add_user_preferences.sql

-- UP: Apply changes
BEGIN;

ALTER TABLE words ADD COLUMN IF NOT EXISTS difficulty INTEGER CHECK (difficulty BETWEEN 1 AND 5);

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250104_100000', NOW(), 'Add difficulty column')
ON CONFLICT (version) DO NOTHING;

COMMIT;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- ALTER TABLE words DROP COLUMN IF EXISTS difficulty;
-- DELETE FROM schema_migrations WHERE version = '20250104_100000';
-- COMMIT;
