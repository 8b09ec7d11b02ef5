-- godwit is a bird
SELECT '
-- godwit: phase=nonsense
';
