SELECT 1 -- ; not yet
  /* nor ; here */ ;
SELECT 2;