# The table of faults of a rotation: each mode, killed at each place, beside each fault of the
# issuer; then `--resume` until it is over. The value that is valid at the issuer can be had at any
# time, and no key lives there that nobody knows of (docs/spec/rotation.md, "Kills").
#
# A sample, unless COFFER_TORTURE is set. COFFER_TALLY=FILE collects the table, which
# `python3 tally.py FILE` prints; COFFER_COMMAND has one mode alone tried.

import concurrent.futures
import dataclasses
import itertools
import json
import os
import queue
import random
import subprocess
import tempfile
import unittest

from rotation_modes import MODES, Command
from support import COFFER, TORTURE, Home, Outcome, needs
from tally import Tally
from torment import SEED
from tracing import Trace
from witness import CRASHES, Fault

WORKERS = os.cpu_count()
PATIENCE = 60
# What is tried of each mode and kind of kill if not everything is.
FEW = 3
MOST_STEPS = 14
OVER = ("retired", "abandoned")
# The calls by which the program puts something on disk.
WRITES = ("pwrite64", "fdatasync")


@dataclasses.dataclass(frozen=True)
class Kill:
    """When the program is killed: as the issuer is asked for the n-th time, before or after it
    acts; or at the n-th call of a kind, in the first run or the second."""

    number: int = 0
    done: bool = False
    call: str = ""
    run: int = 0
    # How it is gone on with, and at which sync that run is killed too.
    way: str = "--resume"
    again: int = 0

    def __str__(self):
        words = f"request {self.number} {'after' if self.done else 'before'} it acts"
        if self.call:
            words = f"{self.call} {self.number} of run {self.run}"
        return f"{words}, {self.way}" + (f" killed at sync {self.again}" if self.again else "")


class Trial:
    """One rotation that is disturbed, and brought to its end."""

    def __init__(self, place, kill, fault):
        self.place, self.home, self.mode = place, place.home, place.mode
        self.kill, self.fault = kill, fault
        self.was_killed = self.was_asked = False

    # Running.

    def run(self, words, stdin=b"", inject=None):
        """Runs the program; a kill of ours is no crash."""
        under = []
        if inject:
            under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={inject[0]}",
                     "-e", f"inject={inject[0]}:signal=KILL:when={inject[1]}"]
        self.place.process = subprocess.Popen(
            [*under, COFFER, *words, "--key-file", self.home.key], cwd=self.home.path,
            env=self.home.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        try:
            out, err = self.place.process.communicate(stdin, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.place.kill()
            raise Fault("crashes", f"hangs: {words}") from None
        outcome = Outcome(self.place.process.returncode, out, err)
        if outcome.code in (-9, 137):
            self.was_killed = True
        elif not 0 <= outcome.code < 128 or any(mark in err for mark in CRASHES):
            raise Fault("crashes", (words, outcome))
        return outcome

    def ask(self, *words):
        outcome = self.run(list(words))
        if outcome.code:
            raise Fault("unopenable", (words, outcome))
        return outcome.out

    def history(self):
        return json.loads(self.ask("history", "k", "--json"))

    # The trial.

    def disturb(self):
        """Begins the rotation and goes on with it until it is killed, or done."""
        if not self.kill.call:
            self.place.kill_at(self.kill.number, self.kill.done)
        self.place.spoil(self.fault)
        for number, (words, stdin) in enumerate(self.mode.runs(self.place)):
            inject = None
            if self.kill.call and self.kill.run == number:
                inject = self.kill.call, self.kill.number
            outcome = self.run(words, stdin, inject)
            if outcome.code:
                return

    def recover(self):
        """Goes on as a person would, until it is over."""
        way, again = self.kill.way, self.kill.again
        for _ in range(MOST_STEPS):
            history = self.history()
            rotation = history["rotation"]
            self.check(history)
            if rotation is None:
                self.run(*self.mode.begin(self.place))
                continue
            strays = [word for key in rotation["strays"] for word in ("--delete-key", key)]
            self.was_asked |= bool(strays or rotation["doubts"])
            if rotation["state"] in OVER and not strays:
                return history
            hasty = rotation["state"] in ("promoted", "deactivated") and not strays
            words = ["--now" if hasty and way == "--resume" else way, *strays, "--yes"]
            inject = ("fdatasync", again) if again else None
            outcome = self.run(*self.mode.go_on(self.place, *words), inject)
            way, again = "--resume", 0
            if outcome.code not in (0, 1, 8, -9, 137):
                raise Fault("unclear", (words, outcome))
        raise Fault("third states", f"no end of it: {rotation}, {outcome}")

    # What must hold.

    def held(self, history):
        """The values of all versions that have one, by state."""
        found = {}
        for version in history["versions"]:
            outcome = self.run(["get", f"k@{version['number']}"])
            if outcome.code == 0:
                found.setdefault(version["state"], []).append(outcome.out.decode())
            elif version["state"] in ("pending", "current", "previous"):
                raise Fault("unopenable", (version, outcome))
        return found

    def check(self, history):
        """What holds at any moment."""
        rotation, held = history["rotation"], self.held(history)
        live = set(self.place.live().values())
        if not self.mode.is_exchange:
            if not live & set(held["current"]):
                raise Fault("unopenable", f"the current value is not valid: {rotation}")
            return
        known = {value for values in held.values() for value in values}
        unsure = rotation and (
            rotation["state"] in ("creating", "searching", "abandoning")
            or rotation["end"] == "value-lost")
        if not live & known and not unsure:
            raise Fault("unopenable", f"no version is valid: {rotation}")

    def conclude(self, history):
        """What holds at the end."""
        rotation = history["rotation"]
        self.ask("audit", "verify")
        if self.mode.is_exchange and rotation["end"] == "value-lost":
            return
        known = {value for values in self.held(history).values() for value in values}
        unknown = {name: secret for name, secret in self.place.live().items()
                   if secret not in known and name not in rotation["strays"]}
        if unknown and not rotation["doubts"]:
            raise Fault("third states", f"a key that nobody knows of: {list(unknown)} {rotation}")
        if self.mode.is_listed and len(self.place.live()) != 1:
            raise Fault("third states", f"{len(self.place.live())} keys are left: {rotation}")


@needs("curl", "strace")
class RotationFaultsTest(unittest.TestCase):
    def setUp(self):
        self.homes = queue.SimpleQueue()
        for _ in range(WORKERS):
            home = Home()
            self.addCleanup(home.remove)
            self.homes.put(home)

    def kills(self, mode):
        """Every place at which a rotation of this mode can be killed: at the issuer, on disk, and
        at the issuer with another end or another kill."""
        asked = [Kill(number, done) for number in range(mode.requests) for done in (False, True)]
        written = [
            Kill(number, call=call, run=run) for (run, call), count in self.counts(mode).items()
            for number in range(1, count + 1)]
        ends = [dataclasses.replace(kill, way=way, again=again) for kill in asked
                for way in ("--resume", "--abandon") for again in (0, 2, 5, 8)]
        return asked, written, [kill for kill in ends if kill not in asked]

    def counts(self, mode):
        """How often each call is made in each run of an undisturbed rotation."""
        found = {}
        home = self.homes.get()
        with mode.place(mode, home) as place:
            for run, (words, stdin) in enumerate(mode.runs(place)):
                with tempfile.NamedTemporaryFile(prefix="coffer-strace-") as log:
                    done = subprocess.run(
                        ["strace", "-f", "-qq", "-o", log.name, "-e", f"trace={','.join(WRITES)}",
                         COFFER, *words, "--key-file", home.key], input=stdin, cwd=home.path,
                        env=home.environment, capture_output=True, timeout=PATIENCE)
                    self.assertEqual(done.returncode, 0, (words, done.stderr))
                    trace = Trace(log.read().decode(errors="replace"))
                found |= {(run, call): trace.count(call) for call in WRITES}
        self.homes.put(home)
        return found

    def cells(self, mode):
        """Pairs of a kill and a fault: all, or a few, the same in every run."""
        groups = self.kills(mode)
        rng = random.Random(f"{SEED} {mode.title}")
        if not TORTURE:
            return [(kill, rng.choice(mode.faults)) for group in groups
                    for kill in rng.sample(group, FEW)]
        # At every request with each fault; all others with one fault after the other.
        asked, *others = groups
        return [*itertools.product(asked, mode.faults),
                *zip(itertools.chain(*others), itertools.cycle(mode.faults))]

    def attempt(self, mode, kill, fault, tallies):
        tally = tallies[fault]
        home = self.homes.get()
        tally.count("places")
        try:
            with mode.place(mode, home) as place:
                trial = Trial(place, kill, fault)
                trial.disturb()
                history = trial.recover()
                trial.conclude(history)
            is_rotated = history["rotation"]["state"] == "retired"
            tally.count("after" if is_rotated else "before")
            tally.count(*["KILL"] * trial.was_killed, *["refused"] * trial.was_asked)
        except Fault as found:
            tally.fault(found.kind, f"{mode.title}, {kill}, {fault}: {found}")
        except Exception as mistake:
            tally.fault("unclear", f"{mode.title}, {kill}, {fault}: {mistake!r}")
        finally:
            self.homes.put(home)

    def try_mode(self, kind):
        if os.environ.get("COFFER_COMMAND", "") not in kind.title:
            self.skipTest("another mode is asked for")
        mode = kind()
        cells = self.cells(mode)
        tallies = {fault: Tally(f"rotate, {mode.title}; {fault}") for fault in mode.faults}
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda cell: self.attempt(mode, *cell, tallies), cells))
        evidence, counts = [], {}
        for fault, tally in tallies.items():
            tally.close()
            evidence += tally.evidence
            for column, count in tally.counts.items():
                counts[column] = counts.get(column, 0) + count
        self.assertEqual(evidence[:6], [], f"{len(evidence)} of {len(cells)}: {counts}")
        self.assertGreater(counts.get("KILL", 0), len(cells) // 2, counts)
        self.assertGreater(counts.get("after", 0), 0, counts)

    def test_the_judge_sees_what_is_wrong(self):
        """A key that nobody knows of, and one in use that is gone."""
        mode, home = MODES[0](), self.homes.get()
        with mode.place(mode, home) as place:
            trial = Trial(place, Kill(), "nothing")
            for words, stdin in mode.runs(place):
                self.assertEqual(trial.run(words, stdin).code, 0)
            history = trial.history()
            trial.check(history)
            trial.conclude(history)
            stranger = place.player.grant("nobody's")
            self.assertRaisesRegex(Fault, "nobody knows of", trial.conclude, history)
            place.player.ring.remove(stranger.id)
            place.player.ring.remove(place.player.created[0].id)
            self.assertRaisesRegex(Fault, "is not valid", trial.check, history)
        self.homes.put(home)

    def test_dual(self):
        self.try_mode(MODES[0])

    def test_in_place(self):
        self.try_mode(MODES[1])

    def test_in_place_by_itself(self):
        self.try_mode(MODES[2])

    def test_guided(self):
        self.try_mode(MODES[3])

    def test_command(self):
        self.try_mode(Command)


if __name__ == "__main__":
    unittest.main()
