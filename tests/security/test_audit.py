"""`make audit` fails on a finding, and says so when it could not look."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.security.audit import COMMAND, UV, audit

HOLE = "OSV-TEST-0001"


class Osv(BaseHTTPRequestHandler):
    """A vulnerability service that knows one hole, of httpx."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        names = [one["package"].get("name") for one in asked]
        hole = {"vulns": [{"id": HOLE, "modified": MODIFIED}]}
        self._answer({"results": [hole if name == "httpx" else {} for name in names]})

    def do_GET(self) -> None:
        self._answer({"id": HOLE, "modified": MODIFIED, "summary": "a hole", "affected": []})

    def _answer(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


MODIFIED = "2026-11-01T00:00:00Z"


@pytest.fixture
def osv() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Osv)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_known_hole_of_a_package_of_the_artifact_fails_the_build(
    osv: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit([str(UV), *COMMAND, "--service-url", osv]) == 1
    said = "".join(capfd.readouterr())
    assert HOLE in said and "httpx" in said


def test_service_out_of_reach_is_said_and_fails_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    text = "error: Request failed after 3 retries"
    code = f"import sys; print({text!r}, file=sys.stderr); sys.exit(2)"
    assert audit([sys.executable, "-c", code]) == 0
    assert "NOT AUDITED" in capfd.readouterr().err


def test_any_other_failure_fails_the_build() -> None:
    assert audit([sys.executable, "-c", "import sys; sys.exit('error: no lock file')"]) == 1
    assert audit([sys.executable, "-c", "raise SystemExit(2)"]) == 2
