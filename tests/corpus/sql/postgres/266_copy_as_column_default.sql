COPY t (a) FROM stdin (DEFAULT 'x', FORCE_NULL (from));
1
\.
SELECT 2;