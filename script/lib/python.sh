# Python packages for tests and servers, in environments of their own below the
# cache folder. Needs common.sh and packages.sh.

# What speaks to AWS beside us: an emulator of its services, and with it the
# library that our signatures are compared with.
aws_packages=('moto[server,dynamodb,s3]==5.2.5' botocore==1.44.5 boto3==1.44.5)

# python_environment NAME PACKAGE...: prints its folder; makes it when it is not
# there or was made for other packages.
python_environment() {
    local name=$1 folder work lock
    shift
    folder=$(cache_folder)/python-$name
    mkdir -p "$(cache_folder)"
    exec {lock}>"$(cache_folder)/.lock-python-$name"
    flock "$lock"
    if [ "$(cat "$folder/packages" 2>/dev/null)" != "$*" ]; then
        install_packages python3-venv
        say "fetching for Python: $*"
        rm -rf "$folder"
        # Debian's own: another one on the path may belong to a user whose files
        # the servers' user cannot read.
        local python=/usr/bin/python3
        [ -x $python ] || python=python3
        work=$(mktemp)
        run_logged "$work" $python -m venv "$folder" &&
            run_logged "$work" "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" ||
            { rm -rf "$folder" "$work"; exec {lock}>&-; return 1; }
        rm -f "$work"
        chmod -R a+rX "$folder"
        printf '%s\n' "$*" >"$folder/packages"
    fi
    exec {lock}>&-
    printf '%s\n' "$folder"
}

# Prints the folder of the environment for AWS.
aws_environment() { python_environment aws "${aws_packages[@]}"; }
