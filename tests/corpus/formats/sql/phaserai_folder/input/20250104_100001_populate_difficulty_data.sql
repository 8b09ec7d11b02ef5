DO $$
DECLARE
    batch_size INTEGER := 1000;
BEGIN
    LOOP
        UPDATE words SET difficulty = 1 WHERE difficulty IS NULL;
        EXIT WHEN NOT FOUND;
        -- DOWN here is inside a body, so it is no marker:
-- DOWN
        COMMIT;
    END LOOP;
END $$;
