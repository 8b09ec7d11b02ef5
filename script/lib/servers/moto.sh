# moto, an emulator of AWS's control plane, S3, CloudWatch, Secrets Manager, SSM,
# STS and IAM, from PyPI; in memory. It takes any keys until a test posts a number
# to /moto-api/reset-auth: after so many more calls signatures and policies are
# checked. Needs servers.sh and python.sh.

install_moto() {
    install_packages python3
    aws_environment >/dev/null
}

start_moto() {
    local folder=$1
    start_in_background "$folder" "$(aws_environment)/bin/moto_server" -H 127.0.0.1 -p "$(cat "$folder/port")"
}

answers_moto() { answers_in_background "$1"; }
stop_moto() { stop_in_background "$1"; }
