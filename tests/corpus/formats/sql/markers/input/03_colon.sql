--Up: apply
SELECT 1;
  -- Down : take back
SELECT 2;
