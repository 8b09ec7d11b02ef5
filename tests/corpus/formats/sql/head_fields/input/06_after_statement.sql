SELECT 1;
-- Author: too late
