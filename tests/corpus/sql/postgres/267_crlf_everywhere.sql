-- a
SELECT $$
;
$$, E'a'
'\';' /* ;
 */;
\timing
COPY t FROM stdin; -- x
1
\.
SELECT 2;
