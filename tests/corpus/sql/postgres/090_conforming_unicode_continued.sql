SET standard_conforming_strings = off; SELECT X'\'
'\'; SELECT 2;