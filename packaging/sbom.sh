#!/bin/sh
# What is in the built artifact: a bill of materials (CycloneDX) and a list of licences, by tools that
# read the package metadata inside it. Start it as `make sbom`; the result is in .sandbox/sbom/.
#
# The tools look at environments, not at folders: an empty one whose only entry is the artifact shows
# them just that. They run in environments of their own, so that they bring nothing into ours.
#
# A wheel may hold more than Python packages know of: cryptography brings OpenSSL, cffi brings libffi,
# both linked in. Scanners find those by the wheels' versions.
set -eu
unset CDPATH # with it, cd may go elsewhere, and prints where

root=$(cd "$(dirname "$0")/.." && pwd)
artifact=${1:-$root/.sandbox/build/CancelPaymentFunction}
output=$root/.sandbox/sbom
uv=$root/.venv/bin/uv
python=$root/.venv/bin/python
# What may be deployed without asking anybody. Mozilla's licence (certifi's list of authorities) binds
# only who changes those files.
allowed='MIT;MIT License;MIT-0;MIT No Attribution License (MIT-0);BSD License;BSD-3-Clause;Apache-2.0 OR BSD-3-Clause;PSF-2.0;Mozilla Public License 2.0 (MPL 2.0)'

[ -d "$artifact" ] || { echo "nothing is built at $artifact: run make build first" >&2; exit 1; }
mkdir -p "$output"
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
UV_TOOL_DIR=$root/.uv/tools
export UV_TOOL_DIR

"$uv" venv --quiet --python "$python" "$environment/venv"
echo "$artifact" >"$("$environment/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/artifact.pth"

tool() { "$uv" tool run --quiet --python "$python" --from "$@"; }
tool cyclonedx-bom==7.5.0 cyclonedx-py environment --output-reproducible --pyproject "$root/pyproject.toml" \
    --output-file "$output/cancel-payment.cdx.json" "$environment/venv/bin/python"
tool pip-licenses==5.5.5 pip-licenses --python "$environment/venv/bin/python" --from mixed --with-urls \
    --format markdown --allow-only "$allowed" --output-file "$output/licences.md"
cat "$output/licences.md"
echo "bill of materials: ${output#"$root"/}/cancel-payment.cdx.json"
