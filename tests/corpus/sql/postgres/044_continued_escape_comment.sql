SELECT E'a' -- it's
 -- and
	'b\';'; SELECT 2;