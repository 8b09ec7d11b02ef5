-- godwit: no-op
-- UP

-- DOWN
DROP TABLE a;
