-- Down the road this table goes away.
-- Update users in batches
-- Upload is slow; up to 5 rows
-- downtown
SELECT 1;
-- - down
-- down the drain
