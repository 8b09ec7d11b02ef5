#!/usr/bin/env bash
# Fetches what signatures are compared with into the cache: botocore, and the
# published examples of Signature Version 4 from the tests in botocore's source.
# Prints a Python that has the one, and the folder of the other. Needs no root
# when python3-venv is there.
source "$(dirname "$0")/../../script/lib/common.sh"
source "$source_folder/script/lib/packages.sh"
source "$source_folder/script/lib/python.sh"

environment=$(aws_environment)
version=$("$environment/bin/python3" -c 'import botocore; print(botocore.__version__)')
examples=$(cache_folder)/signatures-$version
if [ ! -d "$examples" ]; then
    work=$(mktemp -d "$(cache_folder)/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    # Only the archive of the source: building it is not needed.
    run_logged "$work/log" "$environment/bin/pip" download --quiet --no-deps --no-binary :all: --dest "$work" "botocore==$version"
    mkdir "$work/examples"
    tar -xzf "$work"/botocore-*.tar.gz -C "$work/examples" --strip-components=5 --wildcards '*/tests/unit/auth/aws4_testsuite/*'
    mv "$work/examples" "$examples"
fi
printf '%s\n%s\n' "$environment/bin/python3" "$examples"
