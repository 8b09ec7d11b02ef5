# PgBouncer with transaction pooling, in front of the server called postgresql
# (pgbouncer@x: in front of postgresql@x). Needs servers.sh.

install_pgbouncer() {
    install_server_packages python3 pgbouncer
    local behind
    behind=postgresql${1#pgbouncer}
    with_lock "$behind" start_server "$behind"
}

start_pgbouncer() {
    local folder=$1 port behind
    port=$(cat "$folder/port")
    behind=$(server_folder "postgresql${2#pgbouncer}")
    rm -f "$folder/pid"
    printf '"godwit" "barnacle"\n' >"$folder/users"
    cat >"$folder/pgbouncer.ini" <<END
[databases]
* = host=127.0.0.1 port=$(cat "$behind/port") user=godwit password=barnacle
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $folder/users
pool_mode = transaction
max_client_conn = 200
default_pool_size = 20
ignore_startup_parameters = extra_float_digits
logfile = $folder/log
pidfile = $folder/pid
admin_users = godwit
END
    chmod 644 "$folder/users" "$folder/pgbouncer.ini"
    as_server_user /usr/sbin/pgbouncer -d -q "$folder/pgbouncer.ini" >/dev/null 2>&1 </dev/null || return 1
    local tries
    for tries in $(seq 50); do
        ! answers_pgbouncer "$folder" || return 0
        sleep 0.1
    done
    return 1
}

pgbouncer_process() { process_in "$1" "$1/pgbouncer.ini"; }

answers_pgbouncer() { pgbouncer_process "$1" >/dev/null && accepts_connections "$1"; }

stop_pgbouncer() {
    local id
    id=$(pgbouncer_process "$1") || return 0
    stop_process "$id"
}
