# What is found of a vault after a fault, as its owner would find it, and how that is judged.

import json

from changes import KEYS, NEW, Secret, State
from left_vault import LeftVault

# What a program prints that did not end by itself.
CRASHES = (b"Fatal error", b"Stack dump", b"Thread 0", b"Segmentation", b"Sanitizer", b"*** ")


class Fault(Exception):
    """What must not be: a kind of those in `tally.py`, and the evidence."""

    def __init__(self, kind, evidence):
        super().__init__(f"{kind}: {evidence}")
        self.kind = kind


class Witness:
    """Looks at one home after a command, or a part of one, and holds it against the row."""

    def __init__(self, home, command, since=0):
        """`since` is how many entries the log had before the command."""
        self.home, self.command, self.since = home, command, since

    def ended(self, outcome, is_mute=False):
        """Fails unless a command came to an end of its own, with a clear complaint if in vain and
        if there was a way to complain."""
        if not 0 <= outcome.code < 128 or any(mark in outcome.err for mark in CRASHES):
            raise Fault("crashes", outcome)
        if outcome.code and not is_mute and b"coffer: error: " not in outcome.err:
            raise Fault("unclear", outcome)

    def found(self, first=0):
        """The state of the vault, and what the command entered; None if there is no vault.

        `first` tells which question is asked first: that one finds what the fault left.
        """
        if not self.home.has_vault:
            return None
        try:
            entries = self.entries()
        except Exception as error:
            raise Fault("unopenable", repr(error)) from None
        questions = [self.secrets, self.verified, self.keys]
        first %= len(questions)
        answers = {ask.__name__: ask() for ask in questions[first:] + questions[:first]}
        return State(answers["secrets"], answers["keys"]), entries

    def entries(self):
        """What the command entered, as an independent reader finds it; that verifies the log, and
        holds it against the head and against what this machine remembers."""
        done = LeftVault(self.home).done(self.since)
        return tuple((operation, name) for operation, outcome, name in done if outcome == "done")

    def ask(self, words, **options):
        return self.answered(words, self.home.with_key(*words, **options))

    def answered(self, words, outcome, codes=(0,)):
        self.ended(outcome)
        if outcome.code not in codes:
            raise Fault("unopenable", (words, outcome))
        return outcome

    def verified(self):
        words = ["audit verify"]
        codes = (0, 5) if self.command.is_damaged else (0,)
        self.answered(words, self.home.with_key(*words), codes)

    def secrets(self):
        """The secrets that the command touches, in full, and the names of the others."""
        listed = json.loads(self.ask(["list", "--json"]).out)
        removed = json.loads(self.ask(["list", "--json", "--removed"]).out)
        found = {secret["name"]: self.secret(secret, secret["status"]) for secret in listed}
        for secret in removed:
            if secret["name"] in self.command.touched:
                self.ask(["undelete", secret["name"]])
            found[secret["name"]] = self.secret(secret, "removed")
        return found

    def secret(self, listed, status):
        name = listed["name"]
        if name not in self.command.touched:
            return None
        versions = [(version["state"], version["number"]) for version in listed["versions"]]
        versions = [found for found in sorted(versions, key=lambda found: -found[1])
                    if found[0] in ("pending", "current", "previous")]
        values = tuple(
            self.ask(["get", name if state == "current" else f"{name}@{number}",
                      "--allow-disabled"]).out
            for state, number in versions)
        return Secret(values, status, listed["label"], versions[0][0] == "pending")

    def keys(self):
        """Those that the command touches and that open the vault."""
        return frozenset(key for key in self.command.keys if self.is_opened_by(KEYS[key]))

    def is_opened_by(self, offer):
        outcome = self.home.run("list", *offer)
        # 3: a key that opens nothing; 4: not even that; 2: half a share.
        return self.answered(offer, outcome, (0, 2, 3, 4)).code == 0

    def judged(self, first=0):
        """`before` or `after`: which of both is found; anything else is a fault."""
        return (self.command.judge or Witness.compared)(self, first)

    def fail(self, kind, evidence):
        raise Fault(kind, evidence)

    def compared(self, first=0):
        """The same, by what is seen and what is in the log."""
        found = self.found(first)
        if found is None:
            if self.command.before is None:
                return "before"
            raise Fault("unopenable", "no vault")
        state, entries = found
        before, after = (self.seen(state) for state in (self.command.before, self.command.after))
        for name, secret in state.secrets.items():
            self.check_values(name, secret, before, after)
        if entries not in (self.command.entries[:len(entries)], self.command.entries_at_least):
            raise Fault("third states", ("the log", entries))
        # A change and its entry are there together or not at all.
        is_done = self.command.is_done(entries)
        if state != (after if is_done else before):
            raise Fault("third states", (state, entries))
        return "after" if is_done else "before"

    def check_values(self, name, secret, *allowed):
        """Fails if a value is not one that this secret has before or after."""
        known = {value for state in allowed if state and state.secrets.get(name)
                 for value in state.secrets[name].values}
        if secret and not set(secret.values) <= known:
            raise Fault("wrong plaintexts", (name, [value[:40] for value in secret.values]))

    def seen(self, state):
        """The part of a state that this witness looks at."""
        if state is None:
            return None
        touched = self.command.touched
        secrets = {name: secret if name in touched else None
                   for name, secret in state.secrets.items()}
        return State(secrets, state.keys & self.command.keys)

    def goes_on(self):
        """The next change works, and the log after it is whole; or a vault can be made."""
        if not self.home.has_vault:
            self.home.key += "-again"
            words = ["init", "--new-key-file", self.home.key]
            self.answered(words, self.home.run(*words))
        self.ask(["capture", "the-next-one", "--stdin"], stdin=NEW)
        self.verified()
