#!/bin/sh
# Runs godwit on this project, from whichever folder it is called.
#
#   scripts/migrate.sh status
#   scripts/migrate.sh up [VERSION]
#   scripts/migrate.sh down [VERSION]
#
# ENVIRONMENT is dev, test, staging or prod; DB_HOST, DB_PORT, DB_NAME, DB_USER and
# DB_PASSWORD say where the database is. What follows is handed on to godwit.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: migrate.sh status|up|down [VERSION]" >&2
    exit 2
fi
cd "$(dirname "$0")/.."
exec godwit "$@"
