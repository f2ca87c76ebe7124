"""nginx or haproxy as a process before the stand-in: TLS on both sides, certificates verified."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.stack import processes
from sandbox.stack.directory import STACKS
from sandbox.stack.environment import for_servers
from sandbox.stack.processes import Process, ProcessFailed
from tests.support import debian

# With what they need and a minimal system lacks.
PACKAGES = (
    *("nginx", "nginx-common", "haproxy"),
    *("liblua5.3-0", "libopentracing1", "libopentracing-c-wrapper0"),
)
MISSING = (
    "The edges did NOT run: they need nginx and haproxy, which could be neither found nor fetched; "
    "install them with `apt-get install nginx-light haproxy` (Debian, Ubuntu)."
)

NGINX = """
{user}
worker_processes 2;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  {http}
  upstream alipay {{ {servers} {upstream} }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {home}/edge.pem; ssl_certificate_key {home}/edge.pem;
    {server}
    location / {{
      proxy_pass https://alipay;
      proxy_ssl_verify on; proxy_ssl_trusted_certificate {home}/authority.pem;
      proxy_ssl_name localhost; proxy_ssl_server_name on;
      {location}
    }}
  }}
}}
"""
HAPROXY = """
global
  stats socket {home}/admin.sock mode 600 level admin expose-fd listeners
  {global}
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  {defaults}
frontend edge
  bind 127.0.0.1:{port} ssl crt {home}/edge.pem
  {frontend}
  default_backend alipay
backend alipay
  {backend}
  default-server ssl verify required ca-file {home}/authority.pem verifyhost localhost {server}
  {servers}
"""


class MissingPrograms(Exception):
    """There is no nginx or no haproxy here; the text says what to do."""


def programs() -> Mapping[str, Path]:
    """Where nginx and haproxy are: installed, or Debian's, fetched into `.sandbox/edges`.

    Raises
    ------
    MissingPrograms
        One of them can be neither found nor fetched.
    """
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin"
    found = {name: shutil.which(name, path=path) for name in ("nginx", "haproxy")}
    if not all(found.values()) and (root := debian.fetch(PACKAGES, STACKS / "edges")):
        found = {name: shutil.which(name, path=str(root / "usr" / "sbin")) for name in found}
    if not all(found.values()):
        raise MissingPrograms(MISSING)
    return {name: Path(str(where)) for name, where in found.items()}


@dataclass
class Edge:
    """One edge on a port of its own.

    Attributes
    ----------
    home
        Holds `edge.pem`, its certificate and key, and `authority.pem`, whom it trusts.
    """

    program: Path
    home: Path
    port: int = field(default_factory=processes.free_port)
    _process: Process | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self, directives: Mapping[str, str], backends: Sequence[int]) -> None:
        """Begin anew with these directives, by context; `backends` are the stand-ins' ports.

        Raises
        ------
        ProcessFailed
            It refuses its configuration, or does not listen in time.
        """
        self.stop()
        self._configure(directives, backends)
        nginx = ["-p", self.home, "-e", "error.log", "-g", "daemon off;", "-c", "edge.conf"]
        haproxy = ["-W", "-db", "-f", "edge.conf"]
        libraries = self.program.parents[1].glob("lib/*-linux-gnu")
        log = self.home / "edge.log"
        self._process = processes.start(
            [self.program, *(nginx if self._is_nginx else haproxy)],
            environment=for_servers() | {"LD_LIBRARY_PATH": ":".join(map(str, libraries))},
            directory=self.home,
            log=log,
        )
        until = time.monotonic() + processes.READY_SECONDS
        while not self._listens():
            if time.monotonic() > until or not self._process.alive:
                raise ProcessFailed(f"{self.program.name}: {processes.last_lines(log)}")
            time.sleep(0.02)

    def reload(self) -> None:
        """Take its configuration again, as after a change: no connection is to be lost by it."""
        assert self._process
        os.kill(self._process.pid, signal.SIGHUP if self._is_nginx else signal.SIGUSR2)

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    @property
    def _is_nginx(self) -> bool:
        return self.program.name == "nginx"

    def _configure(self, directives: Mapping[str, str], backends: Sequence[int]) -> None:
        server = "server 127.0.0.1:{0};" if self._is_nginx else "server s{0} 127.0.0.1:{0}\n "
        # nginx leaves root otherwise, and could not write here. Elsewhere it only warns.
        user = "user root;" if os.geteuid() == 0 else ""
        fields = {
            "home": self.home,
            "port": self.port,
            "user": user,
            "servers": " ".join(server.format(port) for port in backends),
            **directives,
        }
        template = NGINX if self._is_nginx else HAPROXY
        text = template.format_map(defaultdict(str, fields))
        (self.home / "edge.conf").write_text(text)

    def _listens(self) -> bool:
        # A whole handshake: haproxy binds before it can serve.
        trusted = ssl.create_default_context(cafile=str(self.home / "authority.pem"))
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as plain:
                trusted.wrap_socket(plain, server_hostname="127.0.0.1").close()
        except OSError:
            return False
        return True
