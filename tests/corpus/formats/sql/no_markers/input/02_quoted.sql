INSERT INTO notes VALUES ('
-- DOWN
DROP TABLE notes;
');
/* a comment /* nested */
-- DOWN
*/
SELECT $body$
-- UP
$body$;
