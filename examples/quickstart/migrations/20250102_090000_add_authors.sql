-- Migration: Add authors
-- Description: Who wrote what

-- UP
CREATE TABLE authors (
    id integer PRIMARY KEY,
    name text NOT NULL
);
ALTER TABLE books ADD COLUMN author_id integer REFERENCES authors (id);

-- DOWN
ALTER TABLE books DROP COLUMN author_id;
DROP TABLE authors;
