# Every command that writes, with a kill, a failing device or a full disk at every call: the state
# before or after it, never a third, and after it if it said so (attack cases C44-C53).
#
# `make torture` has every place, or as many of each fault as COFFER_PLACES says; else it is a sample.

import os
import unittest

from changes import chosen
from support import needs
from torment import TormentTest
from tracing import CALLS, counts, traced
from witness import Fault, Witness

# What strace is told of each.
FAULTS = {"KILL": "signal=KILL", "EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}
# Places of each in a sample, and in torture.
FEW, MANY = 4, int(os.environ.get("COFFER_PLACES", "1000000"))


@needs("strace")
class SweepTest(TormentTest):
    def places(self, command):
        """(fault, what to tell strace) of every place of a command, by fault and call: a kill
        there, an error there, and errors from there on."""
        with self.a_home() as home:
            self.prepare(home, command)
            found = counts(home, command.line(home), command.stdin, CALLS)
        return [[
            [(fault, f"{name}:{told}:when={number}{again}")
             for number in range(1, count + 1)
             for again in ("", "+")[:1 if fault == "KILL" else 2]]
            for name, count in found.items() if count] for fault, told in FAULTS.items()]

    def attempt(self, command, home, place, tally):
        fault, inject = place
        self.prepare(home, command)
        name = inject.partition(":")[0]
        outcome, trace = traced(
            home, command.line(home), command.stdin, inject, trace=f"{name},write",
            options=["-y"])
        tally.count("places", fault)
        witness = Witness(home, command, self.since(command))
        if fault == "KILL":
            if outcome.code != -9:
                raise Fault("not put in", outcome)
        else:
            witness.ended(outcome, is_mute=trace.place("write(2<", "(INJECTED)") is not None)
            if trace.place("(INJECTED)") is None:
                raise Fault("not put in", outcome)
        state = witness.judged(first=tally.counts["places"])
        tally.count(state, *["refused"] * (outcome.code > 0))
        is_told = outcome.code == 0 or fault == "KILL" and outcome.out
        if is_told and state == "before":
            raise Fault("acknowledged lost", outcome)
        witness.goes_on()

    def test_commands_end_before_or_after(self):
        """C44-C46, C49-C51, C53."""
        for command in chosen():
            if command.behind:
                continue
            with self.subTest(command=command.title):
                places = [place for calls in self.places(command)
                          for place in self.chosen(calls, command, FEW, MANY)]
                counted = self.try_all(
                    command, places,
                    lambda home, place, tally: self.attempt(command, home, place, tally))
                self.assertEqual(counted["places"], len(places))
                self.assertGreater(counted["before"], 0)


if __name__ == "__main__":
    unittest.main()
