"""What all players share."""

import fnmatch
import re
import threading
import urllib.parse
from collections.abc import Callable
from typing import Any

from .clock import Clock
from .key import Delay, Full, Key, Ring
from .reply import Refused, Reply, answer
from .request import Request
from .session import Sessions

Part = Callable[..., Reply]


def on(method: str, path: str) -> Callable[[Part], Part]:
    """Says which requests a method of a player answers; `{name}` is one step of the path, which the
    method is given decoded."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

    def mark(part: Part) -> Part:
        part.cues = [*getattr(part, "cues", []), (method, pattern)]
        return part
    return mark


class Player:
    """An issuer: it answers for its hosts as the documents of the issuer say.

    A subclass names its `hosts` (patterns of the shell) and marks its parts with `on`. What is done
    for one request is done before the next is looked at.
    """

    hosts: tuple[str, ...] = ()
    slots: int | None = None
    _cues: list[tuple[str, re.Pattern[str], str]] = []

    def __init__(self) -> None:
        self.ring = Ring(self.slots)
        self.sessions = Sessions()
        self.clock = Clock()
        self._lock = threading.RLock()

    def __init_subclass__(cls) -> None:
        cues = [
            (method, pattern, name) for name in dir(cls)
            for method, pattern in getattr(getattr(cls, name), "cues", [])]
        # A path that is written out goes before one with a place for anything.
        cls._cues = sorted(cues, key=lambda cue: cue[1].groups)

    @property
    def clock(self) -> Clock:
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._clock = self.ring.clock = self.sessions.clock = clock

    @property
    def delay(self) -> Delay:
        """For how long a key that is made from now on is refused."""
        return self.ring.delay

    @delay.setter
    def delay(self, delay: Delay) -> None:
        self.ring.delay = delay

    @property
    def created(self) -> list[Key]:
        """Every key that clients had made, also those that are gone."""
        return self.ring.created

    def live(self) -> dict[str, str]:
        """Identifiers and secrets that authenticate: what somebody at the issuer would see. A key
        that is not effective yet is among them."""
        return self.ring.live()

    def plays(self, host: str) -> bool:
        return any(fnmatch.fnmatchcase(host, pattern) for pattern in self.hosts)

    def title(self, request: Request) -> str:
        """What faults and assertions know a request by."""
        return f"{request.method} {request.path}"

    def play(self, request: Request) -> Reply:
        with self._lock:
            try:
                return self.respond(request)
            except Refused as refusal:
                return refusal.reply
            except Full:
                return self.full()

    def respond(self, request: Request) -> Reply:
        known = False
        for method, pattern, name in self._cues:
            if found := pattern.fullmatch(request.path):
                known = True
                if method == request.method:
                    steps = {
                        key: urllib.parse.unquote(step) for key, step in found.groupdict().items()}
                    return getattr(self, name)(request, **steps)
        return self.error(405 if known else 404, "no such method" if known else "no such place")

    def full(self) -> Reply:
        """The refusal of one key too many."""
        return self.error(400, "there are too many keys")

    def error(self, status: int, words: str) -> Reply:
        """A refusal in the form that this issuer gives it."""
        return answer({"message": words}, status)

    def refuse(self, status: int, words: str) -> Any:
        raise Refused(self.error(status, words))

    def find(self, identifier: str, login: str | None = None) -> Key:
        """The key of this identifier, which may have to be one of a login; or 404."""
        key = self.ring.get(identifier)
        if key is None or login not in (None, key.login):
            self.refuse(404, "there is no such key")
        return key


class Stranger(Player):
    """A host that answers everything kindly: where a client went that was sent away."""

    def __init__(self, host: str) -> None:
        self.hosts = (host,)
        super().__init__()

    def respond(self, request: Request) -> Reply:
        return answer({"access_token": "from-a-stranger", "expires_in": 3600})
