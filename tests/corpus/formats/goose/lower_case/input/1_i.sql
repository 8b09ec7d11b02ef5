--+goose up
SELECT 1;
-- +GOOSE down
SELECT 2;
