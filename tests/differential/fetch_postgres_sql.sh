#!/bin/sh
# Fetches the SQL scripts of PostgreSQL's own regression suite, from the source of
# the Debian package postgresql-15, into a cache outside of the source tree, and
# prints the folder. Does nothing when they are there. Needs apt, and no root.
set -eu
package=postgresql-15
cache=${XDG_CACHE_HOME:-$HOME/.cache}/godwit-tests
folder=$cache/$package-sql
if [ -e "$folder/complete" ]; then
    echo "$folder"
    exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache/archives/partial

# The archives that this machine takes its packages from, asked for their sources.
# shellcheck disable=SC2016  # The names are apt's.
apt-get indextargets --format '$(ORIGIN) deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sed -n 's/^Debian //p' | sort -u > sources.list
options="-q -o Dir::Etc::SourceList=$work/sources.list -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User=
    -o Acquire::Languages=none -o Debug::NoLocking=1"
# shellcheck disable=SC2086
apt-get $options update > log 2>&1 || { cat log >&2; exit 1; }

# An archive may list a version whose files it has already dropped.
# shellcheck disable=SC2086
for version in $(apt-cache $options showsrc --only-source $package | sed -n 's/^Version: //p'); do
    apt-get $options source --download-only --only-source "$package=$version" >> log 2>&1 && break
done
archive=$(echo "$package"_*.orig.tar.*)
[ -e "$archive" ] || { cat log >&2; echo "the source of $package cannot be had" >&2; exit 1; }
mkdir sql
tar -xf "$archive" -C sql --strip-components=1 --wildcards '*/sql/*.sql'
touch sql/complete
rm -rf "$folder"
mv sql "$folder"
echo "$folder"
