-- Migration: Populate difficulty data
-- Author: PhaserAI team
-- Date: 2025-01-04 10:00:01
-- Description: Rates every word by its length, a thousand at a time, so that no lock is held for long
-- Dependencies: 20250104_100000_add_difficulty_column.sql

-- UP: Apply changes
\timing on

-- Process in batches to avoid long locks
DO $$
DECLARE
    batch_size INTEGER := 1000;
    processed INTEGER := 0;
BEGIN
    LOOP
        UPDATE words
        SET difficulty = CASE
            WHEN LENGTH(word) <= 3 THEN 1
            WHEN LENGTH(word) <= 6 THEN 2
            ELSE 3
        END
        WHERE id IN (
            SELECT id FROM words
            WHERE difficulty IS NULL
            LIMIT batch_size
        );

        GET DIAGNOSTICS processed = ROW_COUNT;
        EXIT WHEN processed = 0;

        RAISE NOTICE 'Processed % rows', processed;
        COMMIT;
    END LOOP;
END $$;

ALTER TABLE words ALTER COLUMN difficulty SET DEFAULT 1;

-- Record migration (optional - handled automatically)
INSERT INTO schema_migrations (version, applied_at, description)
VALUES ('20250104_100001', NOW(), 'Populate difficulty data')
ON CONFLICT (version) DO NOTHING;

-- DOWN: Rollback changes (for reference)
-- BEGIN;
-- ALTER TABLE words ALTER COLUMN difficulty DROP DEFAULT;
-- UPDATE words SET difficulty = NULL;
-- DELETE FROM schema_migrations WHERE version = '20250104_100001';
-- COMMIT;
