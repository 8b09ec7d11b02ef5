# What all kinds of servers share: where they live, who runs them, their ports
# and how their URLs are printed. Needs common.sh.
#
# A kind is a file in servers/ with start_KIND, stop_KIND and answers_KIND, each
# given the server's folder. A folder holds: port, url, data/, log.

servers_folder() { printf '%s\n' "${GODWIT_SERVERS:-$(cache_folder)/servers}"; }
server_folder() { printf '%s/%s\n' "$(servers_folder)" "$1"; }

# The kind of a name: postgresql-17@x is of kind postgresql.
kind_of() {
    case ${1%%@*} in
        postgresql | postgresql-1[5678]) printf 'postgresql\n' ;;
        pgbouncer) printf 'pgbouncer\n' ;;
        *) die "no server is called '$1': postgresql, postgresql-16, postgresql-17, postgresql-18, pgbouncer" ;;
    esac
}

# PostgreSQL and PgBouncer refuse to run as root; Debian's package has a user.
server_user() { if [ "$(id -u)" = 0 ]; then printf 'postgres\n'; else id -un; fi; }

as_server_user() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- env -u HOME "$@"
    else
        "$@"
    fi
}

prepare_servers_folder() {
    local folder
    folder=$(servers_folder)
    mkdir -p "$folder"
    [ "$(id -u)" != 0 ] || chmod 711 "$folder"
}

# Made on first use, owned by the user that the server runs as.
make_server_folder() {
    mkdir -p "$1"
    chmod 700 "$1"
    [ "$(id -u)" != 0 ] || chown postgres: "$1"
    as_server_user test -x "$1" ||
        die "the user $(server_user) cannot reach $1: set GODWIT_SERVERS to a folder that all may pass through"
}

# A port that nobody listens on now. A server keeps its port over restarts.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

port_is_free() {
    python3 -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))' "$1" 2>/dev/null
}

# One start or stop of a server at a time.
with_lock() {
    local name=$1 status=0 lock
    shift
    mkdir -p "$(servers_folder)"
    exec {lock}>"$(servers_folder)/.lock-$name"
    flock "$lock"
    "$@" {lock}>&- || status=$?  # Servers must not inherit the lock.
    exec {lock}>&-
    return $status
}

server_answers() {
    local kind folder
    kind=$(kind_of "$1")
    folder=$(server_folder "$1")
    [ -f "$folder/port" ] && "answers_$kind" "$folder"
}

start_server() {
    local name=$1 kind folder attempt
    kind=$(kind_of "$name")
    folder=$(server_folder "$name")
    ! server_answers "$name" || return 0
    "install_$kind" "$name"
    make_server_folder "$folder"
    for attempt in 1 2 3 4 5; do
        # After a crash, the processes left over may need a moment to go.
        [ "$attempt" = 1 ] || sleep 1
        [ -f "$folder/port" ] && port_is_free "$(cat "$folder/port")" || free_port >"$folder/port"
        if "start_$kind" "$folder" "$name"; then
            url_of "$(cat "$folder/port")" >"$folder/url"
            return 0
        fi
    done
    say "$name did not start; the end of its log:"
    tail -n 20 "$folder/log" >&2 || true
    return 1
}

stop_server() {
    local folder
    folder=$(server_folder "$1")
    [ ! -f "$folder/port" ] || "stop_$(kind_of "$1")" "$folder"
}

names_or_all() {
    if [ $# -gt 0 ]; then printf '%s\n' "$@"; return; fi
    local file
    for file in "$(servers_folder)"/*/port; do
        [ ! -f "$file" ] || basename "$(dirname "$file")"
    done | sort
}

# The superuser and its password are for these throw-away servers only.
url_of() { printf 'postgresql://godwit:barnacle@127.0.0.1:%s/postgres\n' "$1"; }

# GODWIT_TEST_POSTGRESQL, GODWIT_TEST_POSTGRESQL_OTHER (any other major version),
# GODWIT_TEST_PGBOUNCER; NAME@LABEL adds _LABEL.
export_name() {
    local base=${1%%@*} label=
    case $1 in *@*) label=_${1#*@} ;; esac
    case $base in
        postgresql) base=POSTGRESQL ;;
        postgresql-*) base=POSTGRESQL_OTHER ;;
        pgbouncer) base=PGBOUNCER ;;
    esac
    printf 'GODWIT_TEST_%s%s\n' "$base" "$(printf '%s' "$label" | tr 'a-z-' 'A-Z_')"
}

print_exports() {
    local name
    for name in "$@"; do
        kind_of "$name" >/dev/null
        if server_answers "$name"; then
            printf "export %s='%s'\n" "$(export_name "$name")" "$(cat "$(server_folder "$name")/url")"
        else
            say "$name does not run: script/servers start $name"
        fi
    done
}
