"""Which test runs which command of the documents: ``python -m tests.docs.commands`` lists them.

A block of its own name, ```` ```sh NAME ````, is run whole: a test names it (`BLOCKS["NAME"]` or
`run("NAME")`) in a file that also names the document. A command without a name is run by CI, as a
line of `.ci/run`, or by a test that asks for it with `as_written(DOCUMENT, BEGINNING)`. So nothing
is kept by hand here, and nothing is accounted for that no test mentions.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.documents import DOCUMENTS, ROOT, Block, as_written, blocks, prose

SHELLS: Final = {"sh", "bash", "shell", "console"}

_AS_WRITTEN = re.compile(r'as_written\(\s*"([^"]+)",\s*"([^"]+)"')
_NAMED = re.compile(r'(?:BLOCKS\[|\.run\(|SET_UP = )\s*"([a-z0-9-]+)"')
_MODULE = re.compile(r"(?:\.venv/bin/)?python3? -m ([\w.]+)")
_INLINE = re.compile(r"`((?:make|sam|aws|python3?|openssl|\.venv/bin/\S+) [^`]+)`")


@dataclass(frozen=True)
class Command:
    """One command, or one named block, and what runs it; nothing if nothing does."""

    document: str
    text: str
    run_by: str | None


def fenced() -> Iterator[Command]:
    """Every command that a reader may copy from a block."""
    for document in DOCUMENTS:
        for block in blocks(document):
            if block.language not in SHELLS:
                continue
            if block.name:
                yield Command(block.document, f"({block.name})", _run_by_name(block))
            else:
                for command in block.commands:
                    yield Command(block.document, command, _run_by_text(block.document, command))


def inline() -> Iterator[tuple[str, str]]:
    """Every command within the text of a document: the document, the command."""
    for document in DOCUMENTS:
        for command in _INLINE.findall(prose(document)):
            yield str(document.relative_to(ROOT)), command


def of_a_real_account() -> list[str]:
    """The AWS commands of going live that no emulation of AWS can answer."""
    section = prose(ROOT / "docs" / "going-live.md").partition("What only a real account shows")[2]
    return [one for one in _INLINE.findall(section.partition("\n## ")[0]) if one.startswith("aws ")]


def ci() -> list[str]:
    """What continuous integration runs."""
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    return [line for line in lines if line.startswith("make ")]


def target_exists(command: str) -> bool:
    """Whether make knows what to do for a command; nothing of it is done."""
    done = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode == 0


def module_exists(command: str) -> bool:
    """Whether a command is ``python -m MODULE …`` with a module of this repository."""
    match = _MODULE.match(command)
    if match is None:
        return False
    module = ROOT / match[1].replace(".", "/")
    return module.with_suffix(".py").exists() or (module / "__main__.py").exists()


def _run_by_name(block: Block) -> str | None:
    # The tests of the runbook hold its blocks by a test of their own, and name it by a constant.
    for path, text in _tests():
        of_runbook = block.document == "docs/runbook.md" and path.parent.name == "runbook"
        if (of_runbook or block.document in text) and (
            block.name in _NAMED.findall(text)
            or (of_runbook and f'SET_UP = "{block.name}"' in text)
        ):
            return str(path.relative_to(ROOT))
    return None


def _run_by_text(document: str, command: str) -> str | None:
    if command in ci():
        return ".ci/run"
    for path, text in _tests():
        asked = _AS_WRITTEN.findall(text)
        if any(one == document and as_written(one, start) == command for one, start in asked):
            return str(path.relative_to(ROOT))
    return None


def _tests() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.stem not in {"commands", "test_commands"}:
            yield path, path.read_text()


def main() -> None:
    for one in fenced():
        print(f"{one.document:<24}{one.run_by or 'NOTHING':<38}{one.text}")


if __name__ == "__main__":
    main()
