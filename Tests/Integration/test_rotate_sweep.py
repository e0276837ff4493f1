# One thing goes wrong at one request of a rotation, for every request at every issuer: then it is
# gone on with until it is over. A sample, unless COFFER_TORTURE is set.

import random
import unittest

import casts
from issuers import faults
from rotating_case import MOST_STEPS, OVER
from support import TORTURE, needs
from torment import SEED

CASTS = (
    casts.ZpaCast, casts.AdministeredZpaCast, casts.ZidentityCast, casts.OktaCast, casts.EntraCast,
    casts.AwsCast, casts.GoogleCast, casts.DockerHubCast, casts.OpenAICast, casts.Auth0Cast,
    casts.AdministeredAuth0Cast, casts.GitlabCast, casts.CloudflareCast,
    casts.AdministeredCloudflareCast)
FAULTS = {
    "lost before": faults.cut(), "lost after": faults.lost_reply(), "429": faults.limited("1s"),
    "500": faults.failure(500), "500 after": faults.failure(500, done=True),
    "garbage": faults.garbage()}
# What is tried at each issuer if not everything is.
FEW = 1


class Run:
    """A rotation of one cast with one fault at its n-th request."""

    def __init__(self, kind):
        self.cast = kind()
        self.cast.is_quick = True

    def __enter__(self):
        self.cast.setUp()
        self.others = set(self.cast.player.live()) - {self.cast.key.id}
        return self

    def __exit__(self, *_):
        self.cast.doCleanups()

    def whole(self):
        """How often the issuer is asked if nothing goes wrong."""
        self.cast.succeed(self.cast.begin())
        self.cast.finish()
        return len(self.cast.stage.requests)

    def disturbed(self, number, fault):
        cast = self.cast
        scene = cast.stage.fail(cast.player, fault, skip=number)
        outcome = cast.begin()
        for _ in range(MOST_STEPS):
            cast.assertIn(outcome.code, (0, 1, 8, 10, 11), outcome)
            cast.assertSilent(outcome, *cast.secrets(), *cast.player.sessions._all)
            self.check()
            rotation = cast.rotation
            strays = [word for key in (rotation or {}).get("strays", ())
                      for word in ("--delete-key", key)]
            if rotation and rotation["state"] in OVER and not strays:
                cast.assertEqual(scene.played, 1, "nothing went wrong")
                return rotation
            if rotation is None:
                outcome = cast.begin()
            elif outcome.code == 8 and isinstance(cast, casts.GitlabCast):
                # Trying the old value would revoke the new one: a person gives it up.
                outcome = cast.rotate("--abandon", "--yes")
            else:
                outcome = cast.rotate("--resume" if strays else "--now", "--yes", *strays)
        raise AssertionError(f"no end of it: {rotation}, {outcome}")

    def check(self):
        """The current key is always valid where two may be."""
        if self.cast.key.secret and not isinstance(self.cast, EXCHANGES):
            self.cast.assertIn(
                self.cast.secret_in(self.cast.value()), self.cast.player.live().values())

    def conclude(self, rotation):
        cast = self.cast
        cast.assertVerifies()
        if rotation["end"] == "value-lost" or rotation["doubts"]:
            cast.assertIsInstance(cast, EXCHANGES)
            return
        cast.assertEqual(rotation["state"], "retired")
        live = {name: secret for name, secret in cast.player.live().items()
                if name not in self.others}
        cast.assertEqual(list(live.values()), [cast.secret_in(cast.value())])


EXCHANGES = (casts.Auth0Cast, casts.GitlabCast, casts.CloudflareCast)


@needs("curl")
class SweepTest(unittest.TestCase):
    def places(self, kind):
        with Run(kind) as run:
            count = run.whole()
        places = [(number, name) for number in range(count) for name in FAULTS]
        if TORTURE:
            return places
        return random.Random(f"{SEED} {kind.__name__}").sample(places, FEW)

    def sweep(self, kind):
        for number, name in self.places(kind):
            with self.subTest(kind.__name__, request=number, fault=name), Run(kind) as run:
                run.conclude(run.disturbed(number, FAULTS[name]))


def add(kind):
    setattr(SweepTest, f"test_{kind.__name__}", lambda self: self.sweep(kind))


for cast in CASTS:
    add(cast)


if __name__ == "__main__":
    unittest.main()
