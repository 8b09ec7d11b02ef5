SELECT 1
\timing
;