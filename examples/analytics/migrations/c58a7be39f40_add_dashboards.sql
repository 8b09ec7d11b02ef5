-- Add dashboards
--
-- Revision ID: c58a7be39f40
-- Revises: 7a41e9d0c6b8
-- Create Date: 2025-01-14 16:58:20.733051
-- Branch Labels: reporting
-- Depends On: 3e8d5f2107ac

-- upgrade
CREATE TABLE dashboards (
    id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    title VARCHAR(200) NOT NULL,
    CONSTRAINT pk_dashboards PRIMARY KEY (id),
    CONSTRAINT fk_dashboards_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id)
);

-- Only those whose address is known to be theirs may own one.
CREATE VIEW dashboard_owners AS
    SELECT dashboards.id AS dashboard_id, users.email
    FROM dashboards JOIN users ON users.id = dashboards.owner_id
    WHERE users.email_verified;

-- downgrade
DROP VIEW dashboard_owners;
DROP TABLE dashboards;
