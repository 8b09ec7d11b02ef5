CREATE RULE r AS ON UPDATE TO t DO (SELECT ')'; SELECT $$)$$; SELECT ")" /* ) */ -- )
 ; ); SELECT 2;