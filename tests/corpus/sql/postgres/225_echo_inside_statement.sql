CREATE TABLE t (
\echo half
 a int);