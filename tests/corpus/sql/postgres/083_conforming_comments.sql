SET /* x */ standard_conforming_strings -- y
 = /* on */ off; SELECT '\';'; SELECT 2;