\ir other.sql
