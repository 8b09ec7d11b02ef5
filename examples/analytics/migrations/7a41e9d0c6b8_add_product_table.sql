-- Add product table
--
-- Revision ID: 7a41e9d0c6b8
-- Revises: 1f0c3a5b7d92
-- Create Date: 2025-01-08 14:03:10.220417

-- upgrade
CREATE TABLE products (
    id INTEGER NOT NULL,
    name VARCHAR(255) NOT NULL,
    price FLOAT NOT NULL,
    CONSTRAINT pk_products PRIMARY KEY (id)
);

-- downgrade
DROP TABLE products;
