COPY t FROM stdin;
SELECT 1;
-- c
/* '
"$$
\i x
\.
SELECT 2;