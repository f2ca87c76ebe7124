"""The table: what an edge does, what of it reaches the stand-in, and what the answers prove.

Only data. `forwarded` and `answers` are the whole expectation: what was forwarded once and whose
answer comes back unchanged ends as the payment's id says; everything else is unknown, and ends so
once the edge is healthy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

type Share = tuple[float, float]

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


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One edge with one fault, before 40 payments in batches of ten, or as many as `batches` say.

    Attributes
    ----------
    edge, fault
        The program, and what a person calls it.
    directives
        Of the edge's configuration, by context; see the templates in `tests.edges.edge`.
    forwarded
        The least and the greatest share of the attempts that reach the stand-in, once.
    pauses
        Seconds between batches, in turn.
    mode
        What the stand-in does with every payment; see `sandbox.scenarios`.
    upstream
        Whether anybody listens behind the edge.
    page
        HTTP status of a page of the edge's own that some of the attempts have to meet.
    """

    edge: str
    fault: str
    directives: Mapping[str, str] = field(default_factory=dict)
    forwarded: Share = ALL
    answers: Answers = Answers.PASSED
    batches: int = 4
    pauses: tuple[float, ...] = (0,)
    mode: str = "normal"
    upstream: bool = True
    page: int | None = None
    meanwhile: Meanwhile = Meanwhile.NOTHING


def _nginx(fault: str, forwarded: Share = ALL, **more: object) -> Scenario:
    return Scenario(edge="nginx", fault=fault, forwarded=forwarded, **more)  # type: ignore[arg-type]


def _haproxy(fault: str, forwarded: Share = ALL, **more: object) -> Scenario:
    return Scenario(edge="haproxy", fault=fault, forwarded=forwarded, **more)  # type: ignore[arg-type]


LOST, SOME_LOST = Answers.LOST, Answers.SOME_LOST
IDLE: Final = (0.5,)
# Around the 0.3 s after which the edge closes: the request and the end of the connection may cross.
AROUND_IDLE: Final = (0.24, 0.25, 0.26, 0.27, 0.28, 0.29, 0.3)
# Redirects of a part of all payments, so that those beside them are seen to be left alone.
LOCATIONS: Final = ("localhost:8080/login", "mailto:x", "https:foo", "https://xn--a/")
ONE_IN_THREE: Final[Share] = (0.4, 0.95)
POOL: Final = {
    "upstream": "keepalive 8;",
    "location": 'proxy_http_version 1.1; proxy_set_header Connection "";',
}
# What is sent is not known beforehand: in chunks, or until the connection ends.
LENGTHLESS: Final = "ssi on; ssi_types *; proxy_buffering off; postpone_output 0;"
SPLIT: Final = 'split_clients "$request_id" $redirected { 33% 1; * 0; }'

SCENARIOS: Final = (
    _nginx("none: HTTP/1.1 pool of connections upstream", directives=POOL),
    _nginx("HTTP/1.0 upstream", directives={"location": "proxy_http_version 1.0;"}),
    *(
        _nginx(f"{n} requests a connection", directives={"server": f"keepalive_requests {n};"})
        for n in (1, 2, 3)
    ),
    _nginx(
        "closes idle connections", pauses=IDLE, directives={"server": "keepalive_timeout 300ms;"}
    ),
    _nginx(
        "closes them as the next batch comes",
        (0, 1),
        batches=8,
        pauses=AROUND_IDLE,
        directives={"server": "keepalive_timeout 300ms;"},
    ),
    _nginx(
        "gzip on, for whoever asks for it",
        directives={"http": "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;"},
    ),
    _nginx("answers in chunks", directives={"location": LENGTHLESS}),
    _nginx(
        "answers until the connection ends",
        directives={"location": f"{LENGTHLESS} chunked_transfer_encoding off;"},
    ),
    _nginx("body limit", NONE, page=413, directives={"server": "client_max_body_size 10;"}),
    _nginx(
        "header limit",
        NONE,
        page=400,
        directives={
            "server": "connection_pool_size 256; client_header_buffer_size 256; "
            "large_client_header_buffers 1 256;"
        },
    ),
    _nginx("nobody behind it", NONE, page=502, upstream=False),
    _nginx(
        "nobody behind it",
        NONE,
        page=200,
        upstream=False,
        directives={
            "server": 'error_page 502 =200 /sorry; location /sorry { return 200 \'{"result":'
            '{"resultStatus":"S","resultCode":"SUCCESS"}}\'; }'
        },
    ),
    _nginx("stand-in hangs up", page=502, answers=LOST, mode="drops", directives=POOL),
    _nginx(
        "the answer's head is too long",
        page=502,
        answers=LOST,
        directives={"location": "proxy_buffer_size 256; proxy_buffers 8 256;"},
    ),
    _nginx(
        "stand-in is silent",
        page=504,
        answers=LOST,
        mode="no_answer",
        directives={"location": "proxy_read_timeout 300ms;"},
    ),
    _nginx("as silent as the stand-in", answers=LOST, mode="no_answer", batches=2),
    *(
        _nginx(
            f"redirects some to {location}",
            ONE_IN_THREE,
            page=302,
            directives={
                "http": SPLIT,
                "location": f'if ($redirected) {{ return 302 "{location}"; }}',
            },
        )
        for location in LOCATIONS
    ),
    _nginx("reload under load", (0.8, 1), batches=24, meanwhile=Meanwhile.RELOADS, directives=POOL),
    _nginx(
        "one of two stand-ins is killed",
        (0.8, 1),
        answers=SOME_LOST,
        meanwhile=Meanwhile.ONE_DIES,
        directives=POOL,
    ),
    _haproxy("none"),
    _haproxy("pool of connections upstream", directives={"backend": "http-reuse always"}),
    _haproxy("one request a connection", directives={"defaults": "option httpclose"}),
    _haproxy(
        "closes idle connections",
        pauses=IDLE,
        directives={"defaults": "timeout http-keep-alive 300"},
    ),
    _haproxy(
        "closes them as the next batch comes",
        (0, 1),
        batches=8,
        pauses=AROUND_IDLE,
        directives={"defaults": "timeout http-keep-alive 300"},
    ),
    _haproxy(
        "gzip, for whoever asks for it",
        directives={"backend": "compression algo gzip\n compression type application/json"},
    ),
    _haproxy(
        "gzip, asked or not",
        answers=LOST,
        directives={
            "frontend": "http-request set-header accept-encoding gzip",
            "backend": "compression algo gzip\n compression type application/json",
        },
    ),
    _haproxy(
        "answers in chunks",
        directives={"backend": "http-response del-header content-length"},
    ),
    _haproxy("one request at a time", directives={"server": "maxconn 1"}),
    _haproxy(
        "body limit",
        NONE,
        page=413,
        directives={
            "frontend": "http-request deny deny_status 413 if { req.hdr_val(content-length) gt 10 }"
        },
    ),
    _haproxy(
        "header limit",
        NONE,
        page=431,
        directives={
            "frontend": "http-request return status 431 content-type text/html string full "
            "if { req.hdrs_bin -m len gt 300 }"
        },
    ),
    _haproxy(
        "buffer limit",
        NONE,
        page=400,
        directives={"global": "tune.bufsize 1024\n tune.maxrewrite 512"},
    ),
    _haproxy(
        "nobody behind it", NONE, page=503, upstream=False, directives={"defaults": "retries 0"}
    ),
    _haproxy("stand-in hangs up", page=502, answers=LOST, mode="drops"),
    _haproxy(
        "stand-in is silent",
        page=504,
        answers=LOST,
        mode="no_answer",
        directives={"defaults": "timeout server 300"},
    ),
    *(
        _haproxy(
            f"redirects some to {location}",
            ONE_IN_THREE,
            page=302,
            directives={
                "frontend": f"http-request redirect location {location} code 302 "
                "if { rand(3) eq 0 }"
            },
        )
        for location in LOCATIONS
    ),
    _haproxy("reload under load", (0.8, 1), batches=24, meanwhile=Meanwhile.RELOADS),
    _haproxy(
        "one of two stand-ins is killed",
        (0.8, 1),
        answers=SOME_LOST,
        meanwhile=Meanwhile.ONE_DIES,
        directives={"backend": "option redispatch 1", "server": "check inter 100 fall 1"},
    ),
)
