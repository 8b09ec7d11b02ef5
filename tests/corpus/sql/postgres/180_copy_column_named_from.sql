COPY t ("from") FROM stdin;
1
\.
SELECT 2;