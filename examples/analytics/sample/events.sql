-- Some users and what they did, to try the migrations on, on either database.
-- Works at every version from 1f0c3a5b7d92 on.
INSERT INTO users (id, email, created_at) VALUES
    (1, 'ada@example.org', '2025-01-02 08:00:00'),
    (2, 'o''hara@example.org', '2025-01-02 09:30:00'),
    (3, 'zoë@example.org', '2025-01-03 10:15:00');

INSERT INTO events (id, user_id, name, payload, occurred_at) VALUES
    (1, 1, 'login', NULL, '2025-01-06 08:00:00'),
    (2, 1, 'search', '{"q": "sales; by month"}', '2025-01-06 08:01:00'),
    (3, 2, 'login', NULL, '2025-01-06 23:59:59'),
    (4, 3, 'login', '', '2025-01-07 00:00:00'),
    (5, NULL, 'login', 'anonymous', '2025-01-07 12:00:00');
