# The four modes in which a key is rotated, each with an issuer of its own: what is typed, and which
# keys live there.

import copy
import os

import casts
from issuers import faults
from issuers.key import Delay
from issuers.stage import Stage
from rotating_case import write_own_profile
from snapshot import Snapshot
from support import Home

# What the issuer may do wrong with the first call for a key, or to what is behind it.
FAULTS = (
    "nothing", "lost before", "lost after", "429", "500", "500 after", "slow key", "late list")


class Place:
    """One home in which a mode is tried, and the issuer behind it."""

    def __init__(self, mode, home):
        self.mode, self.home, self.process = mode, home, None

    def __enter__(self):
        self.mode.base.lay_out(self.home)
        self.home.key = f"{self.home.path}/key"
        self.set()
        return self

    def __exit__(self, *_):
        self.close()

    def kill(self):
        """Ends the program that runs, and waits until it has."""
        self.process.kill()
        self.process.wait()

    def close(self):
        pass


class StagedPlace(Place):
    def set(self):
        self.player = type(self.mode.player)()
        self.player.delay = Delay()
        for key in self.mode.keys:
            self.player.ring.grant(
                key.id, key.secret, key.login, expires=key.expires, facts=copy.copy(key.facts))
        self.stage = Stage(self.player)
        self.home.environment |= self.stage.environment()

    def close(self):
        self.stage.close()

    def live(self):
        """The secrets that are let in, by what the issuer calls them."""
        return {name: secret for name, secret in self.player.live().items()
                if name not in self.mode.others}

    def kill_at(self, number, done):
        """Has the program killed when it asks for the n-th time."""
        return self.stage.fail(self.player, faults.killed(self.kill, done), skip=number)

    def spoil(self, fault):
        create, plan = self.mode.create, {
            "lost before": faults.cut(), "lost after": faults.lost_reply(),
            "429": faults.limited("1s"), "500": faults.failure(500),
            "500 after": faults.failure(500, done=True)}
        if fault in plan:
            self.stage.fail(self.player, plan[fault], on=create)
        elif fault == "slow key":
            self.player.delay = Delay(attempts=1)
        elif fault == "late list":
            self.stage.fail(self.player, faults.rewritten(self.forgetting), on="GET */apiKeys",
                            skip=1)

    def forgetting(self, reply):
        """A list in which the newest key does not show yet."""
        newest = self.player.created[-1].id if self.player.created else ""
        return reply | {"list": [key for key in reply["list"] if key["id"] != newest]}


class Mode:
    """A mode at one issuer, as a person has it before anything goes wrong."""

    is_exchange = False
    # Whether a key that was made and lost is always found.
    is_listed = False
    # How often the issuer is asked in a rotation that nothing disturbs.
    requests = 13
    faults = FAULTS
    words: tuple = ()
    stdin = b""
    place = StagedPlace

    def __init__(self):
        """Has a cast set the vault up, and keeps what it left."""
        cast = self.cast()
        cast.setUp()
        try:
            self.take_over(cast)
            self.base = Snapshot.of(cast.home)
        finally:
            cast.doCleanups()

    def take_over(self, cast):
        self.player, self.create = cast.player, cast.CREATE
        self.keys = list(cast.player.ring)
        # Keys that administer, and are not rotated.
        self.others = {key.id for key in self.keys if key is not cast.key}
        self.words = (*self.words, *cast.words)

    def begin(self, place):
        return ["rotate", "k", "--yes", *self.words], self.stdin

    def go_on(self, place, *words):
        return ["rotate", "k", *words], b""

    def runs(self, place):
        """What is typed for a whole rotation: there is no grace where a value is exchanged."""
        runs = [self.begin(place), self.go_on(place, "--now", "--yes")]
        return runs[:1] if self.is_exchange else runs


class QuickZpa(casts.AdministeredZpaCast):
    is_quick = True


class Dual(Mode):
    title, cast, is_listed = "dual", QuickZpa, True


class QuickAdministeredAuth0(casts.AdministeredAuth0Cast):
    settling = 1


class QuickAuth0(casts.Auth0Cast):
    settling = 1


class InPlace(Mode):
    title, cast, is_exchange, requests = "in place", QuickAdministeredAuth0, True, 3
    faults = FAULTS[:7]


class InPlaceByItself(InPlace):
    title, cast = "in place, by itself", QuickAuth0


class GuidedPlace(StagedPlace):
    def set(self):
        super().set()
        # Made by a person who still sees it at the console, and gives it as often as it takes.
        made = self.player.ring.create(**self.player._new("by hand"))
        self.input = made.secret.encode()
        self.words = ["--stdin", "--set", f"client_id={made.login}", "--set", f"key_id={made.id}"]

    def spoil(self, fault):
        plan = {"lost before": faults.cut(), "429": faults.limited("1s"),
                "500": faults.failure(500)}
        if fault in plan:
            self.stage.fail(self.player, plan[fault], on="POST /signin", skip=1)
        elif fault == "lost after":
            self.stage.fail(self.player, faults.lost_reply(), on="DELETE *")
        elif fault == "500 after":
            self.stage.fail(self.player, faults.failure(500, done=True), on="DELETE *")
        elif fault == "slow key":
            self.player.created[0].refusals = 1


class Guided(Mode):
    title, cast, requests = "guided", QuickZpa, 5
    faults = FAULTS[:7]
    place = GuidedPlace
    words = ("--guided",)

    def begin(self, place):
        return [*super().begin(place)[0], *place.words], place.input

    def go_on(self, place, *words):
        return ["rotate", "k", *place.words, *words], place.input


# An issuer that is a folder. The file `die-STEP-before` or `die-STEP-after` ends the program at a
# step, `fail-…` the step.
SCRIPT = r"""#!/bin/sh
at() {
    if [ -e "die-$1" ]; then
        rm "die-$1"; p=$PPID
        # What started us, past shells that stand between.
        while [ "$(cat /proc/$p/comm)" = sh ]; do
            p=$(awk '/^PPid/ {print $2}' /proc/$p/status)
        done
        kill -9 "$p"; exit 1
    fi
    if [ -e "fail-$1" ]; then rm "fail-$1"; exit 1; fi
}
at "$1-before"
case $1 in
make) value=made-$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n'); : > "keys/$value" ;;
verify) read -r value; [ -e "keys/$value" ] || exit 1 ;;
revoke) read -r value; rm -f "keys/$value" ;;
esac
at "$1-after"
if [ "$1" = make ]; then echo "$value"; fi
"""
STEPS = [f"{step}-{when}" for step in ("make", "verify", "revoke") for when in ("before", "after")]


class CommandPlace(Place):
    def set(self):
        os.chmod(f"{self.home.path}/issuer", 0o700)

    def live(self):
        return {name: name for name in os.listdir(f"{self.home.path}/keys")}

    def kill_at(self, number, done):
        step = [f"die-{name}" for name in STEPS][2 * number + done]
        self.home.file(step, b"")

    def spoil(self, fault):
        step = {"lost before": "make-before", "lost after": "make-after", "500": "revoke-before",
                "500 after": "revoke-after", "slow key": "verify-before"}.get(fault)
        if step:
            self.home.file(f"fail-{step}", b"")


class Command(Mode):
    title, requests = "command", 3
    faults = ("nothing", "lost before", "lost after", "500", "500 after", "slow key")
    place = CommandPlace
    words = ("--from", "./issuer make", "--verify-with", "./issuer verify",
             "--revoke-with", "./issuer revoke")

    def __init__(self):
        home = Home()
        try:
            home.file("issuer", SCRIPT.encode(), 0o700)
            home.folder("keys")
            home.file("keys/made-old", b"")
            profile = write_own_profile(home, "generic", settling_seconds=1)
            for words in (["init", "--new-key-file", home.key],
                          ["capture", "k", "--stdin", "--issuer", profile, "--key-file", home.key]):
                outcome = home.run(*words, stdin=b"made-old")
                if outcome.code:
                    raise AssertionError(outcome)
            self.base = Snapshot.of(home)
        finally:
            home.remove()

    def go_on(self, place, *words):
        return ["rotate", "k", *self.words, *words], b""


MODES = (Dual, InPlace, InPlaceByItself, Guided, Command)
