COPY "my.from"."from stdin" ("to") FROM STDIN;
1
\.
SELECT 2;