COPY t
  (a,
   b)
FROM
  STDIN
WITH
  (DELIMITER ';');
1;2
\.
SELECT 2;