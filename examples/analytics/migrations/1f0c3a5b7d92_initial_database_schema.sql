-- Initial database schema
--
-- Revision ID: 1f0c3a5b7d92
-- Revises:
-- Create Date: 2025-01-06 09:12:44.518203
-- Branch Labels: core

-- upgrade
CREATE TABLE users (
    id INTEGER NOT NULL,
    email VARCHAR(255) NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE TABLE events (
    id INTEGER NOT NULL,
    user_id INTEGER,
    name VARCHAR(100) NOT NULL,
    payload TEXT,
    occurred_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT fk_events_user_id_users FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX ix_events_user_id ON events (user_id);

-- downgrade
DROP INDEX ix_events_user_id;
DROP TABLE events;
DROP TABLE users;
