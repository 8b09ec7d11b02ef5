-- Migration: 20250104_100000_add_difficulty
BEGIN;

CREATE TYPE difficulty AS ENUM ('easy', 'medium; hard');

CREATE TABLE IF NOT EXISTS words (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text        text NOT NULL DEFAULT 'it''s; fine',
    "order"     int CHECK ("order" > 0),  -- semicolon; here
    created_at  timestamptz DEFAULT now()
);

CREATE OR REPLACE FUNCTION touch() RETURNS trigger AS $$
BEGIN
    NEW.updated_at = now();  /* ; */
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;

COMMENT ON TABLE words IS E'it\'s; a table';
COMMIT;
