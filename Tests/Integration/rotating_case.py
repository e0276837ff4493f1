# A secret of an issuer in a vault, and `coffer rotate` on it.

import fnmatch
import json
import os

from calling_case import CallingTest
from support import ROOT

PROFILES = ROOT / "Sources/Issuers/Profiles"
# Requests after which everything is as it was, by their titles.
HARMLESS = ("GET *", "POST /signin", "POST */token", "List*", "Get*")
OVER = ("retired", "abandoned")
# More steps than any rotation has: whoever needs them goes round in circles.
MOST_STEPS = 12


def write_own_profile(home, issuer, **lifetime):
    """A copy of a built-in profile, with other times, which names none that is built in; its id."""
    with open(PROFILES / f"{issuer}.json") as file:
        profile = json.load(file)
    profile["id"] = f"own-{issuer}"
    profile["lifetime"] = profile.get("lifetime", {}) | lifetime
    for call in profile.get("calls", {}).values():
        if "with" in call:
            call["with"] = [who if who == "self" else f"own-{who}" for who in call["with"]]
    folder = f"{home.environment['XDG_CONFIG_HOME']}/coffer/issuers"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/own-{issuer}.json", "w") as file:
        json.dump(profile, file)
    os.chmod(file.name, 0o644)
    return profile["id"]


class RotatingTest(CallingTest):
    """The secret `k`, and what became of it."""

    NAME = "k"
    # Where its value stands, if it is not its only field.
    FIELD = ""
    # What every rotation of it is told.
    words: tuple = ()
    # Whether profiles of one's own are used, in which nothing takes longer than a second.
    is_quick = False
    # After how many seconds such a profile says that everything shows.
    settling = 1

    def profile(self, issuer):
        """The id of the profile that is used for this issuer."""
        if not self.is_quick:
            return issuer
        return write_own_profile(self.home, issuer, settling_seconds=self.settling, soak_seconds=1)

    def rotate(self, *words, **more):
        return self.call("rotate", self.NAME, *words, **more)

    def begin(self, *words, **more):
        return self.rotate("--yes", *self.words, *words, **more)

    def resume(self, *words, **more):
        return self.rotate("--resume", *words, **more)

    def history(self, name=None):
        return json.loads(self.succeed(self.coffer("history", name or self.NAME, "--json")).out)

    @property
    def rotation(self):
        return self.history()["rotation"]

    @property
    def state(self):
        rotation = self.rotation
        return rotation and rotation["state"]

    @property
    def versions(self):
        return [version["state"] for version in self.history()["versions"]]

    def value(self, version=""):
        words = f"{self.NAME}{version}{self.FIELD and '#' + self.FIELD}"
        if version and self.FIELD:
            words = f"{self.NAME}#{self.FIELD}{version}"
        return self.succeed(self.coffer("get", words)).out.decode()

    def assertInUse(self, key, version=""):
        """Asserts that a version has the value of this key, and that the issuer lets it in."""
        self.assertEqual(self.secret_in(self.value(version)), key.secret)
        self.assertIn(key.secret, self.player.live().values())

    def secret_in(self, value):
        """The secret as the issuer knows it."""
        return value

    def finish(self):
        """Goes on, leaving out what is left of the grace, until it is over."""
        for _ in range(MOST_STEPS):
            if self.state in OVER:
                return self.state
            self.succeed(self.rotate("--now"))
        raise AssertionError(f"no end of it: {self.rotation}")

    def changes(self):
        """What was asked of the issuers that may have changed something."""
        return [request for request in self.stage.requests if not any(
            fnmatch.fnmatchcase(self.stage.player(request.host).title(request), pattern)
            for pattern in HARMLESS)]

    def secrets(self):
        """Every secret that the issuer ever made."""
        return {key.secret for key in [*self.player.ring, *self.player.created]}

    def assertVerifies(self):
        self.succeed(self.coffer("audit verify"))
