\set ON_ERROR_STOP on
\set ON_ERROR_STOP 1
\set on_error_stop 'on'
\set ON_ERROR_STOP
\set ON_ERROR_STOP OFF
SELECT 1;