COPY t FROM stdin;
\.x
 \.
\\.
\N
.
\
\..
\.
\.
SELECT 2;