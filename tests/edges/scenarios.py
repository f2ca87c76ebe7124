"""The table: what an edge does, what of it reaches the stand-in, and what the answers prove.

Only data. `forwarded` and `answers` are the whole expectation: what was forwarded once and whose
answer comes back unchanged ends as the payment's id says; everything else is unknown, and ends so
once the edge is healthy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

type Share = tuple[float, float]
type Directives = Mapping[str, str]
"""Of an edge's configuration, by context: see the templates in `tests.edges.edge`."""

ALL: Final[Share] = (1, 1)
NONE: Final[Share] = (0, 0)


class Answers(Enum):
    """What the function gets of the stand-in's answer to a request that was forwarded."""

    PASSED = "as it was signed"
    LOST = "nothing that proves anything"
    SOME_LOST = "either"


class Meanwhile(Enum):
    """What happens while batches are under way."""

    NOTHING = ""
    RELOADS = "the edge is reloaded ten times a second"
    ONE_DIES = "of two stand-ins behind the edge one is killed with requests in flight"


@dataclass(frozen=True)
class Scenario:
    """One fault, of one edge or of both, before batches of ten payments.

    Attributes
    ----------
    nginx, haproxy
        What makes the edge so; None where it cannot be so.
    forwarded
        The least and the greatest share of the attempts that reach the stand-in, once.
    pages
        HTTP statuses of the edge's own pages: some attempts have to meet one of them.
    pauses
        Seconds between batches, in turn.
    mode
        What the stand-in does with every payment; see `sandbox.gateway.scenarios`.
    upstream
        Whether anybody listens behind the edge.
    """

    fault: str
    nginx: Directives | None = None
    haproxy: Directives | None = None
    forwarded: Share = ALL
    answers: Answers = Answers.PASSED
    pages: tuple[int, ...] = ()
    batches: int = 4
    pauses: tuple[float, ...] = (0,)
    mode: str = "normal"
    upstream: bool = True
    meanwhile: Meanwhile = Meanwhile.NOTHING

    @property
    def edges(self) -> Mapping[str, Directives]:
        both = {"nginx": self.nginx, "haproxy": self.haproxy}
        return {name: directives for name, directives in both.items() if directives is not None}


LOST, SOME_LOST = Answers.LOST, Answers.SOME_LOST
POOL: Final = {
    "upstream": "keepalive 8;",
    "location": 'proxy_http_version 1.1; proxy_set_header Connection "";',
}
CLOSES_IDLE: Final = (
    {"server": "keepalive_timeout 300ms;"},
    {"defaults": "timeout http-keep-alive 300"},
)
# Around the 0.3 s after which the edge closes: the request and the connection's end may cross.
AROUND_IDLE: Final = (0.24, 0.25, 0.26, 0.27, 0.28, 0.29, 0.3)
# The length of what is sent is not known beforehand.
STREAMED: Final = "ssi on; ssi_types *; proxy_buffering off; postpone_output 0;"
GZIP: Final = "compression algo gzip\n compression type application/json"
# Redirects of some payments, so that those beside them are seen to be left alone.
LOCATIONS: Final = ("localhost:8080/login", "mailto:x", "https:foo", "https://xn--a/")
SPLIT: Final = 'split_clients "$request_id" $redirected { 33% 1; * 0; }'

SCENARIOS: Final = (
    Scenario("none; a pool of connections upstream", POOL, {"backend": "http-reuse always"}),
    Scenario("HTTP/1.0 upstream", {"location": "proxy_http_version 1.0;"}),
    Scenario(
        "one request a connection",
        {"server": "keepalive_requests 1;"},
        {"defaults": "option httpclose"},
    ),
    Scenario("two requests a connection", {"server": "keepalive_requests 2;"}),
    Scenario("closes idle connections", *CLOSES_IDLE, pauses=(0.5,)),
    Scenario(
        "closes them as the next batch comes", *CLOSES_IDLE, (0, 1), batches=8, pauses=AROUND_IDLE
    ),
    Scenario("one request at a time upstream", None, {"server": "maxconn 1"}),
    Scenario(
        "gzip for whoever asks for it",
        {"http": "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;"},
        {"backend": GZIP},
    ),
    Scenario(
        "gzip asked or not",
        None,
        {"frontend": "http-request set-header accept-encoding gzip", "backend": GZIP},
        answers=LOST,
    ),
    Scenario(
        "answers in chunks",
        {"location": STREAMED},
        {"backend": "http-response del-header content-length"},
    ),
    Scenario(
        "answers until the connection ends",
        {"location": f"{STREAMED} chunked_transfer_encoding off;"},
    ),
    Scenario(
        "body limit",
        {"server": "client_max_body_size 10;"},
        {"frontend": "http-request deny deny_status 413 if { req.hdr_val(content-length) gt 10 }"},
        NONE,
        pages=(413,),
    ),
    Scenario(
        "nobody behind it", {}, {"defaults": "retries 0"}, NONE, pages=(502, 503), upstream=False
    ),
    Scenario("stand-in hangs up", POOL, {}, answers=LOST, pages=(502,), mode="drops"),
    Scenario("silent as the stand-in", {}, {}, answers=LOST, batches=2, mode="no_answer"),
    Scenario(
        "stand-in is silent",
        {"location": "proxy_read_timeout 300ms;"},
        {"defaults": "timeout server 300"},
        answers=LOST,
        pages=(504,),
        mode="no_answer",
    ),
    *(
        Scenario(
            f"some to {location}",
            {"http": SPLIT, "location": f'if ($redirected) {{ return 302 "{location}"; }}'},
            {"frontend": f"http-request redirect location {location} if {{ rand(3) eq 0 }}"},
            (0.2, 0.99),
            pages=(302,),
        )
        for location in LOCATIONS
    ),
    Scenario("reload under load", POOL, {}, (0.8, 1), batches=24, meanwhile=Meanwhile.RELOADS),
    Scenario(
        "one of two stand-ins is killed",
        POOL,
        {"backend": "option redispatch 1", "server": "check inter 100 fall 1"},
        (0.8, 1),
        answers=SOME_LOST,
        meanwhile=Meanwhile.ONE_DIES,
    ),
)
