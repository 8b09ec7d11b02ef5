\timing on \i x.sql
SELECT 1;