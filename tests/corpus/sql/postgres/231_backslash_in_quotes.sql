SELECT '\i', "\i", $$\i$$ /* \i */ -- \i
; SELECT 2;