# Every command with a power cut anywhere: what the disk may hold then is opened, and must be the
# state before or after, and after if the program had said so (attack cases C57, C59).
#
# One run is recorded and done again on a disk that keeps only what was synced, and of the rest what
# it likes. `make torture` builds 10,000 images a command, or as many as COFFER_IMAGES says.

import os
import random
import unittest

from changes import COMMANDS, chosen
from recording import CALLS, OPTIONS, Recording
from snapshot import Snapshot
from support import needs
from torment import SEED, TormentTest
from tracing import traced
from witness import Fault, Witness

FEW, MANY = 14, int(os.environ.get("COFFER_IMAGES", "10000"))
KINDS = {
    "dropped": lambda disk, _: disk.dropped(),
    "complete": lambda disk, _: disk.complete(),
    "nameless": lambda disk, rng: disk.nameless(rng),
    "sectors": lambda disk, rng: disk.scattered(rng, 512),
    "pages": lambda disk, rng: disk.scattered(rng, 4096),
    "torn": lambda disk, rng: disk.torn(rng),
    "unwritten": lambda disk, rng: disk.unwritten(rng),
}


@needs("strace")
class PowerCutTest(TormentTest):
    def record(self, command):
        with self.a_home() as home:
            self.prepare(home, command)
            before, traces = Snapshot.of(home), []
            for words, stdin in [*((words, b"") for words in command.behind),
                                 (command.words, command.stdin)]:
                outcome, trace = traced(
                    home, command.line(home, words), stdin, trace=CALLS, options=OPTIONS)
                self.succeed(outcome)
                traces.append(trace)
            recording = Recording(home, before, traces)
            left = Snapshot.of(home)
        # The control: done again to its end it gives what is there.
        again, _ = recording.disk(len(recording.steps))
        self.assertEqual(_without_index(again.complete()), _without_index(left))
        return recording

    def images(self, recording, command):
        """(step, kind, number) of each, all kinds in turn."""
        places = range(len(recording.steps) + 1)
        turns = range(-(-MANY // (len(places) * len(KINDS))))
        return self.chosen(
            [[(step, kind, turn) for turn in turns for step in places] for kind in KINDS],
            command, FEW, MANY)

    def attempt(self, recording, command, seen, home, item, tally):
        step, kind, turn = item
        rng = random.Random(f"{SEED} {item}")
        disk, is_told = recording.disk(step)
        image = KINDS[kind](disk, rng)
        tally.count("images")
        key = (image.identity(), is_told)
        if key in seen:
            tally.count("alike")
            return
        seen.add(key)
        image.lay_out(home)
        home.key = f"{home.path}/key"
        witness = Witness(home, command, self.since(command))
        state = witness.judged(first=step + turn)
        tally.count(state)
        if is_told and command.is_change and state == "before":
            raise Fault("acknowledged lost", item)
        witness.goes_on()

    def test_an_image_of_the_disk_is_before_or_after(self):
        """C57, C59."""
        for command in chosen():
            with self.subTest(command=command.title):
                recording, seen = self.record(command), set()
                self.try_all(
                    command, self.images(recording, command),
                    lambda home, item, tally: self.attempt(
                        recording, command, seen, home, item, tally))

    def test_the_control_a_disk_that_does_not_sync_loses_what_was_acknowledged(self):
        command = next(found for found in COMMANDS if found.words == "capture new --stdin")
        recording = self.record(command)
        disk, is_told = recording.disk(len(recording.steps), syncs=False)
        self.assertTrue(is_told)
        with self.a_home() as home:
            disk.dropped().lay_out(home)
            self.assertEqual(Witness(home, command, self.since(command)).judged(), "before")

    def test_the_control_a_vault_behind_its_anchor_does_not_open(self):
        command = next(found for found in COMMANDS if found.words == "capture new --stdin")
        recording = self.record(command)
        after = recording.disk(len(recording.steps))[0].complete()
        mixed = Snapshot(recording.before.folders, recording.before.files)
        for name, content in after.files.items():
            if name.startswith("state/"):
                mixed.files[name] = content
        with self.a_home() as home:
            mixed.lay_out(home)
            self.assertEqual(home.with_key("list").code, 7)
            with self.assertRaisesRegex(Fault, "unopenable"):
                Witness(home, command, self.since(command)).judged()


def _without_index(snapshot):
    """Without the index of SQLite's log, which it writes through memory."""
    return Snapshot(snapshot.folders, {
        name: content for name, content in snapshot.files.items() if not name.endswith("-shm")})


if __name__ == "__main__":
    unittest.main()
