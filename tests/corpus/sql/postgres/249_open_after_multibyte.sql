-- äöü
SELECT 'é', 'ü; x