"""What goes wrong between a client and an issuer.

A fault stands around the work on one request: it is given what does the work, may do it or not,
and gives a reply or raises `Cut`. `done` says whether the issuer did what it was asked before it
failed: the client cannot tell.
"""

import email.utils
import enum
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from .reply import Cut, Reply, answer

Work = Callable[[], Reply]
Fault = Callable[[Work], Reply]

# A body without an end ends here all the same: a client that has read so much never gives up.
ENDLESS = 1 << 30
PIECE = b" " * 65_536


class Certificate(enum.Enum):
    """Faults of the connection: the client is shown a certificate that it must not accept."""

    OTHER_NAME = "for another host"
    UNKNOWN_AUTHORITY = "of an authority that nobody knows"
    EXPIRED = "that is no longer valid"


def lost_reply() -> Fault:
    """Does it, and cuts the connection before the client hears of it."""
    def fault(work: Work) -> Reply:
        work()
        raise Cut
    return fault


def cut() -> Fault:
    """Cuts the connection before anything is done."""
    def fault(_: Work) -> Reply:
        raise Cut
    return fault


def killed(kill: Callable[[], None], done: bool) -> Fault:
    """Ends the client while it waits, before the issuer acts or after that."""
    def fault(work: Work) -> Reply:
        if done:
            work()
        kill()
        raise Cut
    return fault


def instead(reply: Reply, done: bool = False) -> Fault:
    """The client gets this reply, whatever the issuer did."""
    def fault(work: Work) -> Reply:
        if done:
            work()
        return reply
    return fault


def failure(status: int, done: bool = False) -> Fault:
    """A status such as 500, 502 or 503, with a page that is no JSON, as proxies in front give."""
    page = f"<html><body><h1>{status}</h1></body></html>".encode()
    return instead(Reply(status, page, {"Content-Type": "text/html"}), done)


def limited(retry_after: int | str | None, as_date: bool = False) -> Fault:
    """429; `Retry-After` in seconds, as a text such as `13s`, or as the date in so many."""
    reply = answer({"error": "rate limited"}, 429)
    if as_date:
        moment = time.time() + int(retry_after)
        reply.headers["Retry-After"] = email.utils.formatdate(moment, usegmt=True)
    elif retry_after is not None:
        reply.headers["Retry-After"] = str(retry_after)
    return instead(reply)


def garbage(done: bool = True) -> Fault:
    """Success, and a body that is no JSON and no text."""
    body = bytes(range(256)) + b'{"id": "x"'
    return instead(Reply(200, body, {"Content-Type": "application/json"}), done)


def redirect(url: str, status: int = 302) -> Fault:
    """Sends the client somewhere else."""
    return instead(Reply(status, b"", {"Location": url}))


def _altered(change: Callable[[Reply], Reply]) -> Fault:
    """Does it, and spoils the reply on its way."""
    def fault(work: Work) -> Reply:
        return change(work())
    return fault


def rewritten(change: Callable[[Any], Any]) -> Fault:
    """JSON that says something else: what `change` makes of it."""
    return _altered(lambda reply: answer(change(json.loads(reply.whole)), reply.status))


def truncated() -> Fault:
    """JSON that ends in the middle, whose length is that which was announced."""
    return _altered(lambda reply: Reply(
        reply.status, reply.whole[:len(reply.whole) // 2], reply.headers))


def broken_off() -> Fault:
    """The connection is cut in the middle of the body."""
    return _altered(lambda reply: Reply(
        reply.status, reply.whole[:len(reply.whole) // 2], reply.headers, len(reply.whole)))


def endless() -> Fault:
    """The right body, followed by white space without an end."""
    def body(start: bytes) -> Iterator[bytes]:
        yield start
        yield from itertools.repeat(PIECE, ENDLESS // len(PIECE))
    return _altered(lambda reply: Reply(reply.status, body(reply.whole), reply.headers))


def huge(size: int = 100_000_000) -> Fault:
    """The right body, followed by white space up to this size."""
    def body(start: bytes) -> Iterator[bytes]:
        yield start
        left = size - len(start)
        while left > 0:
            yield PIECE[:left]
            left -= len(PIECE)
    return _altered(lambda reply: Reply(
        reply.status, body(reply.whole), reply.headers, max(size, len(reply.whole))))


def slow(seconds: float) -> Fault:
    """Does it, and is silent so long before it answers."""
    def fault(work: Work) -> Reply:
        reply = work()
        time.sleep(seconds)
        return reply
    return fault


def dripping(seconds: float) -> Fault:
    """Answers at once, one byte at a time, with so long a pause between two."""
    def body(whole: bytes) -> Iterator[bytes]:
        for byte in whole:
            yield bytes([byte])
            time.sleep(seconds)
    return _altered(lambda reply: Reply(
        reply.status, body(reply.whole), reply.headers, len(reply.whole)))
