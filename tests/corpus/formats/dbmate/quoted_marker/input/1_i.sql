-- migrate:up
SELECT $x$
-- migrate:down
$x$;
