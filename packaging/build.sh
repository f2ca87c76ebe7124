#!/bin/sh
# Fills $ARTIFACTS_DIR with what the function needs and nothing else: the package, its dependencies
# as pinned in uv.lock, and bytecode. No boto3 (the runtime brings it), no tests, no scripts.
#
# How it learns the architecture: SAM tells a makefile build nothing about it, but starts it in the
# directory that the template names by it, packaging/arm64 or packaging/x86_64 (WorkingDirectory:
# !Sub packaging/${Architecture}). So `sam build --parameter-overrides Architecture=x86_64` does
# what it says. The directory holds uv's name of the platform; manylinux_2_28 because the runtime,
# Amazon Linux 2023, has glibc 2.34.
#
# FUNCTION_PLATFORM overrides it; `native` builds for the machine itself, for the local stack on a
# host that is no Linux with glibc. Never deploy that to AWS.
#
# It is started by functions/Makefile, in an environment of its own.
set -eu

root=$(cd ../.. && pwd)
platform=${FUNCTION_PLATFORM:-$(cat uv-platform)}
uv="$root/.venv/bin/uv"
[ -x "$uv" ] || uv="$root/.uv/bin/uv"
[ -x "$uv" ] || uv=uv
command -v "$uv" >/dev/null || {
    echo "uv is needed to build the function: run 'make setup', or install it (https://docs.astral.sh/uv/)" >&2
    exit 1
}
python="$root/.venv/bin/python"
[ -x "$python" ] || python=$("$uv" python find --no-project 3.13)

requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT

# Hashes stay in the exported file, so what is installed is what was locked.
"$uv" export --quiet --frozen --no-dev --no-emit-project --project "$root" --output-file "$requirements"

set -- --quiet --target "$ARTIFACTS_DIR" --python "$python" --no-deps --only-binary :all: --require-hashes
[ "$platform" = native ] || set -- "$@" --python-platform "$platform"
# A copy, not a hard link: nothing that happens to the artifact may reach uv's cache.
"$uv" pip install "$@" --link-mode copy --requirements "$requirements"
rm -rf "$ARTIFACTS_DIR/bin" "$ARTIFACTS_DIR/.lock"

cp -R "$root/functions/cancel_payment" "$ARTIFACTS_DIR/"
find "$ARTIFACTS_DIR" -name __pycache__ -type d -prune -exec rm -rf {} +
PYTHONHASHSEED=0 "$python" "$root/packaging/bytecode.py" "$ARTIFACTS_DIR"
