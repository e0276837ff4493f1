"""Where the issuers are played."""

import fnmatch
import os
import pathlib
import shutil
import ssl
import tempfile
import threading
import traceback

from .authority import Authority
from .clock import Clock
from .faults import Certificate, Fault
from .player import Player
from .proxy import Proxy
from .reply import Cut, Reply
from .request import Request
from .script import Scene, Script

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Stage:
    """Players behind a proxy on the loopback. Programs that run in its `environment()` reach them
    under their real names, over TLS, unmodified.

    `requests` holds what was asked, in order; `unplayed` the hosts that nobody plays and somebody
    wanted; `distrusted` those whose certificate a client refused in the handshake (many look at
    the name behind it); `in_the_clear` what was asked without TLS.
    """

    def __init__(self, *players: Player) -> None:
        self.clock = Clock()
        self.players = players
        for player in players:
            player.clock = self.clock
        self.requests: list[Request] = []
        self.unplayed: list[str] = []
        self.distrusted: list[str] = []
        self.in_the_clear: list[str] = []
        # What went wrong in a player: mistakes of ours, which no client may hide.
        self.broken: list[str] = []
        self._script = Script()
        self._lock = threading.Lock()
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="coffer-issuers-", dir=IN_MEMORY))
        self._authority = Authority(self._folder / "known", "Test issuers")
        self._stranger = Authority(self._folder / "unknown", "An unknown authority")
        self._proxy = Proxy(self)

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._proxy.close()
        shutil.rmtree(self._folder)
        if self.broken:
            raise AssertionError(f"a player broke down: {self.broken[0]}")

    def environment(self) -> dict[str, str]:
        """What makes a client come here and trust what it finds."""
        proxy = {name: self._proxy.address for name in (
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")}
        trust = {name: str(self._authority.certificate) for name in (
            "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")}
        return proxy | trust | {"NO_PROXY": "", "no_proxy": ""}

    def fail(
        self, player: Player, fault: Fault | Certificate, on: str = "*", times: int = 1,
        skip: int = 0,
    ) -> Scene:
        """Scripts a fault for requests whose title (`POST /signin`, or of AWS the action) fits a
        pattern of the shell. A certificate is a fault of connections, and knows no pattern."""
        return self._script.add(Scene(player, fault, on, times, skip))

    def asked(self, pattern: str = "*", player: Player | None = None) -> list[Request]:
        """The requests whose title fits, to one player if it is named."""
        with self._lock:
            requests = list(self.requests)
        return [
            request for request in requests
            if (whose := self.player(request.host)) and player in (None, whose)
            and fnmatch.fnmatchcase(whose.title(request), pattern)]

    def player(self, host: str) -> Player | None:
        """Who plays a host."""
        return next((player for player in self.players if player.plays(host)), None)

    def context(self, host: str) -> ssl.SSLContext | None:
        """What to speak TLS with as this host; nothing if nobody plays it."""
        player = self.player(host)
        if player is None:
            self.unplayed.append(host)
            return None
        fault = self._script.certificate(player)
        if fault is Certificate.OTHER_NAME:
            return self._authority.context("another-name.example")
        if fault is Certificate.UNKNOWN_AUTHORITY:
            return self._stranger.context(host)
        return self._authority.context(host, expired=fault is Certificate.EXPIRED)

    def perform(self, request: Request) -> Reply:
        """Lets the player of the host answer, or what is scripted happen."""
        player = self.player(request.host)
        with self._lock:
            self.requests.append(request)
        fault = self._script.fault(player, player.title(request))
        try:
            reply = fault(lambda: player.play(request)) if fault else player.play(request)
        except Cut:
            request.outcome = "cut"
            raise
        except Exception as mistake:
            self.broken.append(traceback.format_exc())
            raise Cut from mistake
        request.outcome = reply.status
        return reply
