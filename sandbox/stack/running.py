"""The stack of `make up`, as the commands that need one find it."""

import contextlib
import urllib.error
from collections.abc import Iterator

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from sandbox.stack.directory import DEFAULT
from sandbox.stack.lifecycle import Stack


class NotUp(Exception):
    """No stack can be used; the text says what to do."""


_DIED = "part of the local stack has died: make down, then make up"
_GONE = (ConnectionClosedError, EndpointConnectionError, ConnectionResetError)


@contextlib.contextmanager
def running_stack() -> Iterator[Stack]:
    """The stack that is up, all of it.

    Raises
    ------
    NotUp
        There is none, or a process of it has ended, perhaps while it was used.
    """
    try:
        stack = Stack.load(DEFAULT)
    except FileNotFoundError:
        raise NotUp("no stack is up: start one with make up") from None
    if not stack.alive:
        raise NotUp(_DIED)
    try:
        yield stack
    except urllib.error.HTTPError:
        raise  # it has answered
    except (*_GONE, urllib.error.URLError) as error:
        raise NotUp(_DIED) from error
