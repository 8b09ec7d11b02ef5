-- Revision ID: m1
-- Revises:
-- godwit: transaction=off
-- upgrade
-- godwit: lock_timeout=3s
CREATE INDEX CONCURRENTLY i ON t (x);
