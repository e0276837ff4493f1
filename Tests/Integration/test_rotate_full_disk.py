# A disk that is full when a new key arrives: the value is held all the same, in the vault, in the
# inbox or in a capsule, and the rotation goes on when there is space again.

import json
import os
import random
import re
import unittest

import casts
from snapshot import Snapshot
from support import TORTURE, needs
from torment import SEED
from tracing import Trace

FEW = 8
CAPSULE = re.compile(rb"-----BEGIN.*?-----END[^\n]*\n", re.DOTALL)


@needs("curl", "strace")
class FullDiskTest(casts.ZpaCast):
    is_quick = True

    def traced(self, *words, inject=()):
        log = f"{self.home.path}/trace"
        under = ["strace", "-f", "-qq", "-o", log, "-e", "trace=pwrite64"]
        outcome = self.rotate(*words, under=[*under, *inject])
        with open(log, errors="replace") as file:
            trace = Trace(file.read())
        os.unlink(log)
        return outcome, trace

    def fill(self, number, every):
        """Rotates on a disk that is full from the n-th write on, or at that one alone."""
        fault = f"inject=pwrite64:error=ENOSPC:when={number}{every}"
        return self.traced("--yes", inject=("-e", fault))[0]

    def start_again(self, base, key):
        base.lay_out(self.home)
        for other in self.player.ring:
            self.player.ring.remove(other.id)
        self.player.created.clear()
        self.player.ring.grant(key.id, key.secret, key.login, facts=dict(key.facts))

    def held(self):
        """The values of all versions of all secrets, after the inbox was taken in."""
        self.succeed(self.coffer("list"))
        found = []
        for secret in json.loads(self.succeed(self.coffer("list", "--json")).out):
            for version in secret["versions"]:
                outcome = self.coffer("get", f"{secret['name']}@{version['number']}")
                found += [outcome.out.decode()] if outcome.code == 0 else []
        return found

    def test_a_value_that_is_here_is_never_lost(self):
        base = Snapshot.of(self.home)
        outcome, trace = self.traced("--yes")
        self.succeed(outcome)
        places = [(number, every) for number in range(1, trace.count("pwrite64") + 1)
                  for every in ("+", "")]
        if not TORTURE:
            places = random.Random(SEED).sample(places, FEW)
        made = 0
        for place in places:
            with self.subTest(place=place):
                self.start_again(base, self.key)
                made += self.try_place(*place)
        self.assertGreater(made, 0, "no key was made in any of them")

    def test_a_key_that_came_in_a_capsule_is_no_stray(self):
        base = Snapshot.of(self.home)
        for number in range(40, 120, 3):
            self.start_again(base, self.key)
            outcome = self.fill(number, "+")
            if capsules := CAPSULE.findall(outcome.out + outcome.err):
                break
        (new,) = self.player.created
        self.succeed(self.coffer("capsule import", "-", stdin=capsules[0]))
        self.assertIn(new.secret, self.held())
        outcome = self.succeed(self.resume())
        self.assertNotIn(b"nothing here holds it", outcome.err)
        # It lies beside, as a secret of its own, and another one is made for the rotation.
        kept, used = self.player.created
        self.assertEqual((self.state, kept), ("promoted", new))
        self.assertInUse(used)
        self.assertIn(kept.secret, self.held())

    def try_place(self, number, every):
        """Whether a key was made, which is held then."""
        outcome = self.fill(number, every)
        self.assertIn(outcome.code, (0, 1, 8, 9, 10), outcome)
        self.assertSilent(outcome, self.key.secret, *(key.secret for key in self.player.created))
        for capsule in CAPSULE.findall(outcome.out + outcome.err):
            self.succeed(self.coffer("capsule import", "-", stdin=capsule))
        held = self.held()
        for key in self.player.created:
            self.assertIn(key.secret, held, (outcome, self.rotation))
        self.assertVerifies()
        self.go_on()
        return bool(self.player.created)

    def go_on(self):
        """Ends the rotation; no key is left that is not in use."""
        for _ in range(10):
            rotation = self.rotation
            if rotation is None:
                self.succeed(self.begin())
                continue
            strays = [word for key in rotation["strays"] for word in ("--delete-key", key)]
            if rotation["state"] in ("retired", "abandoned") and not strays:
                break
            self.rotate("--resume" if strays else "--now", "--yes", *strays)
        self.assertEqual(rotation["state"], "retired", json.dumps(rotation))
        self.assertIn(self.value(), self.player.live().values())
        held = self.held()
        for secret in self.player.live().values():
            self.assertIn(secret, held)


if __name__ == "__main__":
    unittest.main()
