SELECT E'a'
'b\';