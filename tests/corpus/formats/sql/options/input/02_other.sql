-- godwit: transaction=auto
-- godwit: transaction=auto
-- godwit: lock-timeout=250
SELECT 1;
-- DOWN
-- godwit: phase=contract
SELECT 2;
