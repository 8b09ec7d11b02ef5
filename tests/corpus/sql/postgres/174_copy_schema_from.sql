COPY s.from FROM stdin;
1
\.
COPY s.to FROM stdin;
2
\.
SELECT 2;