-- Copyright

/* and
 more */
-- +goose Up
SELECT 1;
