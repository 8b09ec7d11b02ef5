-- Migration: [Description]
-- Author: [Your Name]
-- Date: [YYYY-MM-DD HH:MM:SS]
-- Description: [Detailed description of changes]
-- Dependencies: [Previous migration file]

-- UP: Apply changes
BEGIN;

-- Your schema changes here
CREATE TABLE IF NOT EXISTS new_table (
  id UUID DEFAULT uuid_generate_v4() PRIMARY KEY,
  name TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

-- Create indexes
CREATE INDEX IF NOT EXISTS idx_new_table_name ON new_table(name);

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description) 
VALUES ('20250104_100000', NOW(), 'Add new feature table')
ON CONFLICT (version) DO NOTHING;

COMMIT;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- DROP TABLE IF EXISTS new_table CASCADE;
-- DELETE FROM schema_migrations WHERE version = '20250104_100000';
-- COMMIT;
