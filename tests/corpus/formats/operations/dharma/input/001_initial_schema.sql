CREATE TABLE users (
    id SERIAL PRIMARY KEY
);

CREATE INDEX idx_users_id ON users(id);
