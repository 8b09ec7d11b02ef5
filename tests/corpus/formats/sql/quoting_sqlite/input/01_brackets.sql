CREATE TABLE [a
-- DOWN
b] (x);
/* not nested /* in SQLite */
-- DOWN
DROP TABLE x;
