CREATE /* x */ TRIGGER -- y
 t AFTER INSERT ON a BEGIN SELECT 1; -- END;
 /* END; */ END /* z */ ; SELECT 3;