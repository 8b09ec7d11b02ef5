# Configures and builds a preset into build/<preset>. Needs common.sh.

find_compiler() {
    [ -z "${CXX:-}" ] || { printf '%s\n' "$CXX"; return; }
    local name
    for name in g++ g++-14 g++-13 g++-12 clang++ clang++-19 c++; do
        ! command -v "$name" || return 0
    done
    die "no C++ compiler was found: install g++ (12 or newer) or set CXX"
}

# build_preset PRESET TARGETS CMAKE-OPTION...: TARGETS is one word with spaces
# between names, or empty for all. Quiet but for one line; the log is kept in
# build/<preset>.log.
build_preset() {
    local preset=$1 targets=$2 compiler options=() log
    shift 2
    log="$source_folder/build/$preset.log"
    mkdir -p "$source_folder/build"
    compiler=$(find_compiler)
    case $preset in
        tidy | fuzz) ;;
        *) options+=("-DCMAKE_CXX_COMPILER=$compiler") ;;
    esac
    if command -v ccache >/dev/null; then
        options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
        [ -n "${CCACHE_DIR:-}${HOME:-}" ] || export CCACHE_DIR="$(cache_folder)/ccache"
        # Another clone finds what this one compiled.
        export CCACHE_BASEDIR="$source_folder" CCACHE_NOHASHDIR=1
    fi
    # CMake would drop all other settings when the compiler changes.
    if ! grep -qs "^CMAKE_CXX_COMPILER:[A-Z]*=$compiler\$" "$source_folder/build/$preset/CMakeCache.txt"; then
        rm -rf "$source_folder/build/$preset/CMakeCache.txt" "$source_folder/build/$preset/CMakeFiles"
    fi
    command -v ninja >/dev/null || options+=(-G "Unix Makefiles")
    run_logged "$log" cmake -S "$source_folder" --preset "$preset" "${options[@]}" "$@"
    # shellcheck disable=SC2086
    run_logged "$log" cmake --build "$source_folder/build/$preset" -j "$(nproc)" ${targets:+--target $targets}
}
