-- SET standard_conforming_strings = off;
SELECT '\'; SELECT 2;