-- Migration: Index word difficulty
-- Author: PhaserAI team
-- Date: 2025-01-05 08:30:00
-- Description: Finds words by difficulty; built without locking the table
-- Dependencies: 20250104_100001_populate_difficulty_data.sql

-- UP: Apply changes
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_words_difficulty
ON words(difficulty);

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250105_083000', NOW(), 'Index word difficulty')
ON CONFLICT (version) DO NOTHING;

-- DOWN: Rollback changes (for reference)
-- DROP INDEX CONCURRENTLY IF EXISTS idx_words_difficulty;
-- DELETE FROM schema_migrations WHERE version = '20250105_083000';
