\timing on; SELECT 1;
