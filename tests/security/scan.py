"""Searches the logs of a run for keys, tokens and signatures.

    python -m tests.security.scan --keys .sandbox/run/keys .sandbox/run

Prints the file, the place and the kind of each leak, never the thing itself; the exit status is 1
if there is any. The directories of the keys themselves, and those given by `--skip` (where an
emulated Secrets Manager keeps the secret), are not searched.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.leaks import Leak, Material


def scan(
    paths: Iterable[Path], material: Material, skipped: Iterable[Path] = ()
) -> Iterator[tuple[Path, Leak]]:
    """All leaks in these files and directories."""
    apart = {path.resolve() for path in skipped}
    for file in sorted(_files(paths)):
        if not apart.intersection([file.resolve(), *file.resolve().parents]):
            for leak in material.leaks(file.read_bytes()):
                yield file, leak


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.is_file())
        else:
            yield path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.security.scan", description=__doc__)
    parser.add_argument("path", nargs="+", type=Path, help="logs, or directories of them")
    parser.add_argument("--keys", action="append", default=[], type=Path, metavar="DIR")
    parser.add_argument("--skip", action="append", default=[], type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    missing = [path for path in (*options.path, *options.keys) if not path.exists()]
    if missing:
        print(f"not there: {', '.join(map(str, missing))}", file=sys.stderr)
        return 2
    material = Material.in_directories(options.keys)
    if options.keys and not material.pieces:
        print("no key file in the directories of --keys", file=sys.stderr)
        return 2
    leaks = list(scan(options.path, material, [*options.keys, *options.skip]))
    for file, leak in leaks:
        print(f"{file}: {leak.what}, near byte {leak.place}")
    print(f"{len(list(_files(options.path)))} files searched, leaks: {len(leaks)}")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
