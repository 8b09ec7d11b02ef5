SELECT 1 /* a */ -- b
  /* c */ 
 ; SELECT 2 /* d */ + /* e */ 3 /* f */;