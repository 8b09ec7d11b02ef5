-- Add daily event counts
--
-- Revision ID: b7e21d5c08f6
-- Revises: 0d9f64a8b1e7
-- Create Date: 2025-01-20 11:30:00.118354

-- upgrade
CREATE TABLE daily_event_counts (
    day VARCHAR(10) NOT NULL,
    name VARCHAR(100) NOT NULL,
    events INTEGER NOT NULL,
    CONSTRAINT pk_daily_event_counts PRIMARY KEY (day, name)
);

INSERT INTO daily_event_counts (day, name, events)
SELECT SUBSTR(CAST(occurred_at AS VARCHAR(30)), 1, 10), name, COUNT(*)
FROM events
GROUP BY SUBSTR(CAST(occurred_at AS VARCHAR(30)), 1, 10), name;

-- downgrade
DROP TABLE daily_event_counts;
