-- +goose Up
SELECT '
-- +goose Down
';
-- +goose Down
SELECT 2;
