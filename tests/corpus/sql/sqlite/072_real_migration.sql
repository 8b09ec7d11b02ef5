-- add email
PRAGMA foreign_keys = OFF;
CREATE TABLE users_new (
    id INTEGER PRIMARY KEY, -- ; semicolon
    email TEXT NOT NULL DEFAULT 'a;b',
    [order] INTEGER
);
INSERT INTO users_new SELECT id, '', 0 FROM users;
DROP TABLE users; ALTER TABLE users_new RENAME TO users;
CREATE TRIGGER users_ai AFTER INSERT ON users
BEGIN
    INSERT INTO log(text) VALUES ('new; user');
    UPDATE counters SET n = n + 1 WHERE name = CASE WHEN new.id > 0 THEN 'users' ELSE 'none' END;
END;
PRAGMA foreign_keys = ON;
