copy T from StdIn;
1
\.
select 2;