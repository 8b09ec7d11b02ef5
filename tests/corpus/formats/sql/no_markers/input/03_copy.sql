COPY notes FROM stdin;
-- DOWN
\.
SELECT 1;
-- DOWN
SELECT 2;
