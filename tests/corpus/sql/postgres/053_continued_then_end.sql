SELECT E'a'
;'b\';