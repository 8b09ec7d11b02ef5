-- Author: Ann
-- godwit: phase=expand
SELECT 1;
