#!/bin/sh
# Prints a database's schema and rows so that two equal databases print the
# same text: dump.sh [postgresql://…|FILE.db]
#
# Rows are sorted, since where they stand in the heap or the b-tree is not data.
# What a migration tool keeps about itself is left out: when a migration was
# applied differs from run to run.
set -eu

case $1 in
postgresql://*)
    without='-T schema_migrations* -T alembic_version -T godwit_*'
    # shellcheck disable=SC2086
    pg_dump --no-owner --schema-only $without "$1" | grep -v -e '^--' -e '^.\(un\)\?restrict ' -e '^$'
    # shellcheck disable=SC2086
    pg_dump --no-owner --data-only --column-inserts $without "$1" | sed -n '/^INSERT/{:more
/);$/!{N;b more
}
p}' | sort
    ;;
*)
    theirs="tbl_name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE 'godwit_%'
            AND tbl_name NOT IN ('alembic_version', 'schema_migrations')"
    sqlite3 "$1" "SELECT type, name, sql FROM sqlite_schema WHERE $theirs ORDER BY type, name"
    for table in $(sqlite3 "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND $theirs ORDER BY name"); do
        sqlite3 "$1" ".mode insert $table" "SELECT * FROM $table" | sort
    done
    ;;
esac
