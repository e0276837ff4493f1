# Credentials of test issuers in a vault, and the program led to them.

import json
import os
import subprocess

from issuer_case import StageTest
from support import COFFER, CofferTest, Outcome

# A call may have to wait for an issuer and try again.
PATIENCE = 60


class CallingTest(CofferTest, StageTest):
    """A vault, and a stage that the program finds behind the real names of issuers."""

    def setUp(self):
        super().setUp()
        self.make_vault()

    def set_stage(self, *players):
        stage = super().set_stage(*players)
        self.home.environment |= stage.environment()
        return stage

    def hold(self, name, issuer, secret, field=None, **fields):
        """Stores a credential as a person would."""
        words = [word for pair in fields.items() for word in ("--set", "=".join(pair))]
        if field:
            words += ["--field", field]
        self.store(name, secret.encode(), "--issuer", issuer, *words)

    def call(self, verb, *words, stdin=b"", under=(), **more):
        """Runs a verb that speaks to an issuer; it is given the time that takes."""
        end = words.index("--") if "--" in words else len(words)
        words = (*words[:end], "--key-file", self.home.key, *words[end:])
        process = subprocess.Popen(
            [*under, COFFER, *verb.split(), *words],
            env=self.home.environment | more, cwd=self.home.path, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(stdin, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"hangs: {verb}") from None
        return Outcome(process.returncode, out, err)

    def fields(self, name):
        shown = self.succeed(self.coffer("show", name, "--json"))
        return json.loads(shown.out)["fields"]

    def assertSilent(self, outcome, *secrets):
        """Asserts that nothing of a secret was said."""
        for secret in secrets:
            for part in (secret, secret[:20], secret[-20:]):
                self.assertNotIn(part.encode(), outcome.out + outcome.err)


def left_in(folder, needle):
    """Paths below a folder whose files hold these bytes."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            try:
                with open(path, "rb") as file:
                    if needle in file.read():
                        found.append(path)
            except OSError:
                continue
    return found
