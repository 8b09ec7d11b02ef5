-- Dependencies: None (initial migration)
-- Ticket: ABC-12
-- Date: -
SELECT 1;
