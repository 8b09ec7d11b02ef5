COPY t (a, b) FROM stdin WITH (FORMAT csv, HEADER);
a,b
1,"x;y"
\.
SELECT 2;