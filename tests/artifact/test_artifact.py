"""What is uploaded: nothing too much, ready to start, for its processor, the same every time."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.stack import build

ROOT = build.ROOT
MOST_BYTES = 35_000_000
# Names of `e_machine` in an ELF header.
MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}
# The function, what it imports, and what that in turn asks for. No boto3: the runtime brings it.
PACKAGES = {
    "cancel_payment",
    "aws_lambda_powertools",
    "jmespath",  # aws_lambda_powertools
    "typing_extensions",  # aws_lambda_powertools
    "cryptography",
    "cffi",  # cryptography
    "_cffi_backend",  # cryptography
    "pycparser",  # cffi
    "httpx",
    "anyio",  # httpx
    "certifi",  # httpx
    "httpcore",  # httpx
    "h11",  # httpcore
    "idna",  # httpx
}
UNCHECKED_HASH = 0b01
TARGET = "build-CancelPaymentFunction"
# What the shell of whoever types `sam build` may hold.
HOSTILE = {
    "PYTHONOPTIMIZE": "1",
    "PYTHONPYCACHEPREFIX": "/nonexistent/bytecode",
    "PYTHONWARNINGS": "error",
    "PIP_TARGET": "/nonexistent/packages",
    "UV_PROJECT_ENVIRONMENT": "/nonexistent/environment",
    "UV_NO_BINARY": "1",
    "SSL_CERT_FILE": "/nonexistent/authority.pem",
}

type Built = dict[str, Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both architectures, each at a path of its own."""
    directory = tmp_path_factory.mktemp("artifacts")
    for name in MACHINES:
        (directory / name).mkdir()
        subprocess.run(
            ["make", "--silent", "--file", ROOT / "functions" / "Makefile", TARGET],
            cwd=ROOT / "packaging" / name,
            env={**os.environ, **HOSTILE, "ARTIFACTS_DIR": str(directory / name)},
            check=True,
        )
    return {name: directory / name for name in MACHINES}


def content(artifact: Path) -> dict[str, bytes]:
    files = (path for path in artifact.rglob("*") if path.is_file())
    return {str(path.relative_to(artifact)): path.read_bytes() for path in files}


@pytest.mark.parametrize("architecture", MACHINES)
def test_it_holds_what_is_needed_and_nothing_else_in_35_megabytes(
    built: Built, architecture: str
) -> None:
    names = {path.name for path in built[architecture].iterdir()}
    packages = {
        name.partition(".")[0]
        for name in names
        if name != "__pycache__" and not name.endswith(".dist-info")
    }
    assert packages == PACKAGES
    described = {name.partition("-")[0] for name in names if name.endswith(".dist-info")}
    assert described == PACKAGES - {"cancel_payment", "_cffi_backend"}
    assert sum(len(data) for data in content(built[architecture]).values()) <= MOST_BYTES


@pytest.mark.parametrize("architecture", MACHINES)
def test_every_library_is_for_its_processor_and_the_glibc_of_amazon_linux_2023(
    built: Built, architecture: str
) -> None:
    libraries = {path.name: path.read_bytes() for path in built[architecture].rglob("*.so")}
    assert len(libraries) >= 2
    versions = set()
    for name, data in libraries.items():
        assert data[:4] == b"\x7fELF"
        assert int.from_bytes(data[18:20], "little") == MACHINES[architecture], name
        versions |= {int(minor) for minor in re.findall(rb"GLIBC_2\.([0-9]+)", data)}
    assert versions and max(versions) <= 34


@pytest.mark.parametrize("architecture", MACHINES)
def test_every_module_has_bytecode_of_python_3_13_that_needs_no_time_stamp(
    built: Built, architecture: str
) -> None:
    modules = list(built[architecture].rglob("*.py"))
    assert len(modules) > 300
    for module in modules:
        cached = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
        header = cached.read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER
        assert header[4:] == UNCHECKED_HASH.to_bytes(4, "little"), f"{cached} is checked"


def test_the_bytecode_is_used(built: Built) -> None:
    """Also where time stamps say otherwise, as they do once Lambda has unpacked the upload."""
    artifact = built["arm64"]
    source = artifact / "cancel_payment" / "window.py"
    before = source.stat()
    os.utime(source, (0, 0))
    # Pure Python, so that this host's processor does not matter.
    program = "import sys; sys.path.insert(0, sys.argv[1]); import cancel_payment.window, httpx"
    try:
        said = subprocess.run(
            [sys.executable, "-v", "-B", "-c", program, str(artifact)],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
    finally:
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    loaded = [
        line
        for line in said.splitlines()
        if line.startswith("# code object from") and artifact.name in line
    ]
    assert any("cancel_payment/__pycache__/window.cpython-313.pyc" in line for line in loaded)
    assert all(".cpython-313.pyc" in line for line in loaded)


def test_tracebacks_name_the_path_in_lambda(built: Built) -> None:
    cached = built["arm64"] / "cancel_payment" / "__pycache__" / "app.cpython-313.pyc"
    assert b"/var/task/cancel_payment/app.py" in cached.read_bytes()
    assert str(built["arm64"]).encode() not in cached.read_bytes()


@pytest.mark.skipif(build.NATIVE, reason="here `sam build` makes what runs on this host only")
def test_sam_build_makes_the_same_to_the_byte(built: Built) -> None:
    """Elsewhere, in another environment: two builds are the same."""
    artifact = build.build().parent / "CancelPaymentFunction"
    mine, its = content(built[build.ARCHITECTURE]), content(artifact)
    assert mine.keys() == its.keys()
    assert [name for name in mine if mine[name] != its[name]] == []


def test_the_architectures_differ_in_libraries_alone(built: Built) -> None:
    def sources(artifact: Path) -> dict[str, bytes]:
        return {name: data for name, data in content(artifact).items() if name.endswith(".py")}

    assert sources(built["arm64"]) == sources(built["x86_64"])


def test_a_module_without_bytecode_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("")
    (tmp_path / "bad.py").write_text("this is no Python")
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "bytecode.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "bad.py has no bytecode that Lambda would use" in done.stderr
