CREATE /* a */ OR -- b
 REPLACE FUNCTION f() RETURNS int BEGIN /* c */ ATOMIC -- d;
 SELECT 1; /* END; */ -- END;
 /* e */ END; SELECT 2;