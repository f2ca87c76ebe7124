#!/bin/sh
# Runs a command in an environment of its own: of the person's shell, it sees only what is named here.
#
#     sh packaging/clean-environment.sh [--aws | --offline] [NAME=VALUE…] COMMAND [ARGUMENT…]
#
# What a shell has set for another project changes what is installed, built or run, often in silence: with
# PYTHONOPTIMIZE the artifact has no bytecode where Lambda looks for it, UV_PROJECT_ENVIRONMENT names an environment
# that uv would empty, AWS_PROFILE an account that is not the sandbox's. No list of such variables would ever be
# complete, so this is the list of those that are let in.
#
# --aws      the person's AWS settings too, for a command that is about their account
# --offline  for the servers of the sandbox, which reach nothing but loopback
set -u
unset CDPATH # with it, cd may go elsewhere, and prints where
root=$(cd "$(dirname "$0")/.." && pwd)

# Where programs and files are, how the terminal is, and what names a tool of this repository.
kept='PATH HOME USER LOGNAME TMPDIR TZ TERM COLORTERM COLUMNS LINES NO_COLOR CI PYENV_ROOT'
# How a company's network reaches a package index, and how this host a container engine.
reach='HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy
    UV_CACHE_DIR UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_KEYRING_PROVIDER UV_NATIVE_TLS
    UV_SYSTEM_CERTS UV_INSECURE_HOST UV_HTTP_TIMEOUT UV_PYTHON_INSTALL_MIRROR
    PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_PROXY PIP_DEFAULT_TIMEOUT PIP_CONFIG_FILE NETRC
    npm_config_registry NPM_CONFIG_REGISTRY NPM_CONFIG_USERCONFIG
    DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG DOCKER_CERT_PATH DOCKER_TLS_VERIFY XDG_RUNTIME_DIR'
# A company's own authority. One that names no file breaks whatever reads it.
authorities='SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE PIP_CERT NODE_EXTRA_CA_CERTS'

case ${1-} in
    --offline) reach='' authorities='' && shift ;;
    --aws) kept="$kept $(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p')" && shift ;;
esac

: "${PYENV_ROOT:=${HOME-}/.pyenv}"
# uv, pip and others keep a cache at home.
if ! { [ -d "${HOME-}" ] && [ -w "$HOME" ]; }; then
    HOME=$root/.sandbox/home && mkdir -p "$HOME"
fi
[ -d "${TMPDIR-}" ] && [ -w "$TMPDIR" ] || TMPDIR=''

# Text is UTF-8. Only a terminal that shows another character set gets that, with "?" for what it lacks.
if [ -t 1 ] || [ -t 2 ]; then
    charset=$(locale charmap 2>/dev/null)
    case $charset in
        '' | UTF-8 | ANSI_X3.4-1968 | US-ASCII) ;; # the last two: no locale is set, which says nothing
        *) set -- "PYTHONIOENCODING=$charset:replace" "$@" ;;
    esac
fi

for name in $authorities; do
    eval "value=\${$name-}"
    [ -r "$value" ] && kept="$kept $name"
done
for name in $kept $reach; do
    eval "value=\${$name-}"
    [ -z "$value" ] || set -- "$name=$value" "$@"
done
exec env -i LC_ALL=C.UTF-8 PYTHONUTF8=1 SAM_CLI_TELEMETRY=0 "__SAM_CLI_APP_DIR=$root/.sandbox/sam" "$@"
