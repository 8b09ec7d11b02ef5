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
        pgbouncer | dynamodb | moto) printf '%s\n' "${1%%@*}" ;;
        *) die "no server is called '$1': postgresql, postgresql-16, postgresql-17, postgresql-18, pgbouncer, dynamodb, moto" ;;
    esac
}

# PostgreSQL and PgBouncer refuse to run as root, and nothing else needs to be.
# Debian's package of PostgreSQL has a user; for others every system has one.
server_user() {
    if [ "$(id -u)" != 0 ]; then id -un
    else case ${server_kind:-postgresql} in
        dynamodb | moto) printf 'nobody\n' ;;
        *) printf 'postgres\n' ;;
    esac; fi
}

as_server_user() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u "$(server_user)" -- env -u HOME "$@"
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
    [ "$(id -u)" != 0 ] || chown "$(server_user):" "$1"
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
    local kind folder server_kind
    kind=$(kind_of "$1")
    server_kind=$kind
    folder=$(server_folder "$1")
    [ -f "$folder/port" ] && "answers_$kind" "$folder"
}

start_server() {
    local name=$1 kind folder attempt server_kind
    kind=$(kind_of "$name")
    server_kind=$kind
    folder=$(server_folder "$name")
    ! server_answers "$name" || return 0
    "install_$kind" "$name"
    make_server_folder "$folder"
    for attempt in 1 2 3 4 5; do
        # After a crash, the processes left over may need a moment to go.
        [ "$attempt" = 1 ] || sleep 1
        [ -f "$folder/port" ] && port_is_free "$(cat "$folder/port")" || free_port >"$folder/port"
        if "start_$kind" "$folder" "$name"; then
            url_of "$kind" "$(cat "$folder/port")" >"$folder/url"
            return 0
        fi
    done
    say "$name did not start; the end of its log:"
    tail -n 20 "$folder/log" >&2 || true
    return 1
}

stop_server() {
    local folder server_kind
    folder=$(server_folder "$1")
    server_kind=$(kind_of "$1")
    [ ! -f "$folder/port" ] || "stop_$server_kind" "$folder"
}

# For servers that do not go to the background by themselves. start_in_background
# FOLDER COMMAND...: until it answers on the folder's port, at most a minute.
start_in_background() {
    local folder=$1 tries as_user=()
    shift
    rm -f "$folder/pid"
    # A program, not a function: bash would keep a copy of itself that holds the
    # lock of with_lock for as long as the server runs.
    [ "$(id -u)" != 0 ] || as_user=(runuser -u "$(server_user)" -- env -u HOME)
    # The shell becomes the command, so its id is the server's.
    # shellcheck disable=SC2016
    "${as_user[@]}" setsid sh -c 'cd "$0" && echo $$ >pid && exec "$@" >log 2>&1 </dev/null' "$folder" "$@" \
        >/dev/null 2>&1 </dev/null &
    for tries in $(seq 600); do
        ! answers_in_background "$folder" || return 0
        [ "$tries" -lt 20 ] || background_process "$folder" >/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# process_in FOLDER WORD: prints the id of the process that was started there, if
# it still runs; WORD is among its arguments.
process_in() {
    local id
    id=$(cat "$1/pid" 2>/dev/null) || return 1
    [ -n "$id" ] && tr '\0' '\n' 2>/dev/null <"/proc/$id/cmdline" | grep -qxF "$2" && printf '%s\n' "$id"
}

accepts_connections() {
    python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)' "$(cat "$1/port")" 2>/dev/null
}

stop_process() {
    local id=$1 tries
    as_server_user kill -s "$([ "${stop_mode:-fast}" = immediate ] && echo KILL || echo TERM)" "$id"
    for tries in $(seq 100); do
        [ -d "/proc/$id" ] || return 0
        sleep 0.1
    done
    as_server_user kill -s KILL "$id"
}

# Such a server has the folder's port among its arguments.
background_process() { process_in "$1" "$(cat "$1/port")"; }

answers_in_background() { background_process "$1" >/dev/null && accepts_connections "$1"; }

stop_in_background() {
    local id
    id=$(background_process "$1") || return 0
    stop_process "$id"
}

names_or_all() {
    if [ $# -gt 0 ]; then printf '%s\n' "$@"; return; fi
    local file
    for file in "$(servers_folder)"/*/port; do
        [ ! -f "$file" ] || basename "$(dirname "$file")"
    done | sort
}

# The superuser and its password are for these throw-away servers only.
url_of() {
    case $1 in
        dynamodb | moto) printf 'http://127.0.0.1:%s\n' "$2" ;;
        *) printf 'postgresql://godwit:barnacle@127.0.0.1:%s/postgres\n' "$2" ;;
    esac
}

# GODWIT_TEST_POSTGRESQL, GODWIT_TEST_POSTGRESQL_OTHER (any other major version),
# GODWIT_TEST_PGBOUNCER, GODWIT_TEST_DYNAMODB, GODWIT_TEST_MOTO; NAME@LABEL adds _LABEL.
export_name() {
    local base=${1%%@*} label=
    case $1 in *@*) label=_${1#*@} ;; esac
    case $base in
        postgresql) base=POSTGRESQL ;;
        postgresql-*) base=POSTGRESQL_OTHER ;;
        *) base=$(printf '%s' "$base" | tr 'a-z' 'A-Z') ;;
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
