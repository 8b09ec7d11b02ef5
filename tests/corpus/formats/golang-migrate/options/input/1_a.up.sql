-- godwit: transaction=off
SELECT 1;
