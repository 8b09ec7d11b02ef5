SELECT E'a' /* c */
'b\'; SELECT 2;