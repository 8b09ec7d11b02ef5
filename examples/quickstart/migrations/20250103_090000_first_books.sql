-- Migration: First books
-- Description: Data moves with the schema

-- UP
INSERT INTO authors (id, name) VALUES (1, 'Ursula K. Le Guin'), (2, 'Stanisław Lem');
INSERT INTO books (id, title, price_cents, author_id) VALUES
    (1, 'The Dispossessed', 1250, 1),
    (2, 'Solaris', 990, 2);

-- DOWN
DELETE FROM books WHERE id IN (1, 2);
DELETE FROM authors WHERE id IN (1, 2);
