-- Migration: Create books
-- Description: What the shop sells

-- UP
CREATE TABLE books (
    id integer PRIMARY KEY,
    title text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0)
);
CREATE UNIQUE INDEX books_title ON books (title);

-- DOWN
DROP TABLE books;
