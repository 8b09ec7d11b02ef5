-- godwit: transaction=off depends_on=billing:3
SELECT 1;
