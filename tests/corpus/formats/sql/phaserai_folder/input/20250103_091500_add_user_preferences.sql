-- Migration: User preferences
-- Dependencies: 20250101_120000_initial_schema,
--               20250102_143000, billing:1.2.0
CREATE TABLE preferences (id serial PRIMARY KEY);
