COPY t FROM stdin WHERE a > 1;
1
\.
SELECT 2;