# Installs Debian packages that are missing, and says nothing when none is.
# Needs common.sh.

# Enough for SQLite alone: what script/demo needs.
packages_small=(g++ cmake ninja-build ccache libsqlite3-dev libexpected-dev libfmt-dev libcli11-dev
    libtomlplusplus-dev rapidjson-dev libssl-dev)
packages_postgresql=(libpq-dev libpg-query-dev libprotobuf-c-dev)
packages_dynamodb=(libcurl4-openssl-dev zlib1g-dev)
packages_tests=(libgtest-dev python3 sqlite3 make openssl postgresql-client-15)
packages_servers=(postgresql-15 pgbouncer)

missing_packages() {
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

have_packages() { command -v dpkg-query >/dev/null && [ -z "$(missing_packages "$@")" ]; }

# as_root COMMAND...: as root, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; }

apt_quietly() {
    local log
    log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1; then
        say "failed: apt-get $*"
        tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# install_packages NAME...: returns once all are there, else explains and fails.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        [ -n "${packages_told:-}" ] || say "note: not a Debian system; these must be there already: $*"
        packages_told=yes
        return 0
    fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    can_be_root || die "these packages are missing and need root or sudo: apt-get install ${missing[*]}"
    say "installing: ${missing[*]}"
    if [ -z "${packages_updated:-}" ]; then
        apt_quietly update || say "note: the package lists could not be refreshed; trying with the ones there are"
        packages_updated=yes
    fi
    apt_quietly install --no-install-recommends "${missing[@]}"
}

# Installs servers without letting Debian start them: the scripts run their own
# on free ports, and the machine's owner asked for no service.
install_server_packages() {
    command -v dpkg-query >/dev/null || { install_packages "$@"; return; }
    [ -n "$(missing_packages "$@")" ] || return 0
    can_be_root || die "these packages are missing and need root or sudo: apt-get install $(missing_packages "$@" | xargs)"
    local policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d/godwit.conf made=() status=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made+=("$policy")
    fi
    as_root mkdir -p "$(dirname "$clusters")"
    printf 'create_main_cluster = false\n' | as_root tee "$clusters" >/dev/null
    made+=("$clusters")
    install_packages "$@" || status=$?
    as_root rm -f "${made[@]}"
    return $status
}
