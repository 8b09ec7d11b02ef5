-- godwit: transaction=off lock_timeout=5s
-- godwit: statement_timeout = 2min phase=expand
-- Godwit: depends_on=02_other.sql, billing:1.0
CREATE INDEX CONCURRENTLY i ON t (x);
