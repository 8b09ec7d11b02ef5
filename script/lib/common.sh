# What every script begins with: strict mode, the source tree, the cache
# folder, and how to speak. Source it; it runs nothing by itself.
set -euo pipefail

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# The folder for what is fetched or built once and kept: servers, peers.
# Root's is outside of root's home, because PostgreSQL refuses to run as root
# and its user cannot look into there.
cache_folder() {
    if [ -n "${GODWIT_CACHE:-}" ]; then
        printf '%s\n' "$GODWIT_CACHE"
    elif [ "$(id -u)" = 0 ]; then
        printf '/var/cache/godwit\n'
    elif [ -n "${XDG_CACHE_HOME:-}" ]; then
        printf '%s\n' "$XDG_CACHE_HOME/godwit"
    elif [ -n "${HOME:-}" ] && [ -d "$HOME" ]; then
        printf '%s\n' "$HOME/.cache/godwit"
    else
        printf '%s\n' "${TMPDIR:-/tmp}/godwit-cache-$(id -u)"
    fi
}

# run_logged LOG COMMAND...: quiet when it succeeds; its last lines when not.
run_logged() {
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        say "failed: $*"
        tail -n 40 "$log" >&2
        return 1
    fi
}
