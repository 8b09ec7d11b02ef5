COPY t FROM stdin; - 1
1
\.
SELECT 2;