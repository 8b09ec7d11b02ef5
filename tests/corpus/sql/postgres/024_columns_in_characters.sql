/* äöü */ SELECT 'ß'; SELECT '日本';
INSERT INTO größe VALUES ('x');