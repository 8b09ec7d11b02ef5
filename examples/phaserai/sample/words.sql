-- A small team's data, to try the migrations on: two users, three languages
-- and 2,600 words, so that the batches of 20250104_100001 are more than one.
-- Works at every version from 20250101_120000 on.
BEGIN;

INSERT INTO users (id, email, username) VALUES
  ('00000000-0000-4000-8000-000000000001', 'ada@example.org', 'ada'),
  ('00000000-0000-4000-8000-000000000002', 'björn@example.org', 'Björn; O''Hara');

INSERT INTO languages (id, user_id, name, alphabet_script, writing_direction, rules) VALUES
  ('00000000-0000-4000-8000-000000000011', '00000000-0000-4000-8000-000000000001', 'Téliri', 'Latin', 'ltr',
   '{"order": "VSO", "cases": ["nominative", "ergative"]}'),
  ('00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000001', 'Old Téliri', NULL, 'rtl', '{}'),
  ('00000000-0000-4000-8000-000000000013', '00000000-0000-4000-8000-000000000002', 'Ŋaru', 'Ŋaru script', 'ttb', '{}');

INSERT INTO phonemes (id, language_id, symbol, ipa) VALUES
  ('00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000011', 'é', 'e'),
  ('00000000-0000-4000-8000-000000000022', '00000000-0000-4000-8000-000000000013', 'ŋ', 'ŋ');

INSERT INTO words (id, language_id, word, ipa, pos, is_root)
SELECT ('00000000-0000-4000-8000-1' || lpad(n::text, 11, '0'))::uuid,
       ('00000000-0000-4000-8000-00000000001' || (1 + n % 3))::uuid,
       substr('talirenoku', 1, 1 + n % 10), NULL, CASE n % 4 WHEN 0 THEN 'noun' WHEN 1 THEN 'verb' END, n % 5 = 0
FROM generate_series(1, 2600) AS n;

INSERT INTO word_translations (id, word_id, locale, meaning)
SELECT ('00000000-0000-4000-8000-2' || lpad(n::text, 11, '0'))::uuid,
       ('00000000-0000-4000-8000-1' || lpad(n::text, 11, '0'))::uuid, 'en', 'meaning ' || n || E'\twith a tab\nand a line'
FROM generate_series(1, 2600, 7) AS n;

COMMIT;
