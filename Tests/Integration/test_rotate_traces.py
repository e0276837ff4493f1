# What a rotation leaves of secrets: none in an argument, a variable, a file or a message, and none
# in memory that is not locked.

import os
import re
import unittest

import casts
import frozen
import test_token_memory
from calling_case import left_in
from issuers import faults
from issuers.reply import answer
from issuers.session import Session
from issuers.shape import LETTERS, URL_SAFE, made_of
from issuers.zpa import Zpa
from support import TORTURE, as_root, needs
from tracing import Trace

TRACED = "execve,openat,open,creat,write,pwrite64,writev,pwritev,rename,renameat2,memfd_create"
OF_CURL = {"HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}
PATH = re.compile(r"\w+\(\d+<(/[^>]*)>")


def escaped(text):
    """A text as strace writes it."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Traces:
    def all_secrets(self):
        """The keys, old and new, those of administrators, and the tokens of sessions."""
        return {*self.secrets(), self.key.secret, *self.player.sessions._all}

    def trace(self, *words):
        """Runs a rotation under strace; its outcome and what was traced of all processes."""
        log = f"{self.home.path}/trace"
        under = ["strace", "-f", "-qq", "-v", "-y", "-s", "100000", "-o", log, "-e",
                 f"trace={TRACED}"]
        self.home.environment["COFFER_NOT_FOR_CURL"] = "1"
        outcome = self.rotate(*words, under=under)
        with open(log, errors="replace") as file:
            text = file.read()
        # It holds what went through pipes.
        os.unlink(log)
        return outcome, text

    def test_nothing_is_in_an_argument_a_variable_or_a_file(self):
        for words in (("--yes", *self.words), ("--now", "--yes")):
            if self.state == "retired":
                break
            outcome, text = self.trace(*words)
            self.succeed(outcome)
            calls = Trace(text)
            curls = [rest for _, rest in calls.calls("execve") if "/curl" in rest.split(",")[0]]
            self.assertGreater(len(curls), 0)
            for rest in curls:
                self.assertIn('"--disable", "--config", "-"]', rest)
                self.assertLessEqual(set(re.findall(r'"([A-Z_a-z]+)=', rest)), OF_CURL)
            self.assertUnseen(calls)
            self.assertSilent(outcome, *self.all_secrets())
        self.assertEqual(self.state, "retired")
        for secret in self.all_secrets():
            self.assertEqual(left_in(self.home.path, secret.encode()), [])

    def assertUnseen(self, calls):
        """Asserts that no secret is in what was started, opened or written to files, and that
        nothing was written outside of the vault and what coffer keeps beside it."""
        secrets = [escaped(secret)[:20] for secret in self.all_secrets()]
        secrets += [escaped(secret)[-20:] for secret in self.all_secrets()]
        places = [f"{self.home.path}/{name}/" for name in ("vault", "state", "runtime", "cache")]
        for name, rest in calls.calls():
            path = PATH.match(f"{name}({rest}")
            is_file = bool(path) and not path[1].startswith(("/dev/", "/proc/"))
            if name in ("write", "writev", "pwrite64", "pwritev") and not is_file:
                continue
            for secret in secrets:
                self.assertNotIn(secret, rest, name)
            if is_file and name != "execve":
                self.assertTrue(path[1].startswith(tuple(places)), path[1])

    def test_nothing_is_in_a_message(self):
        """Whatever an issuer answers, also what it was sent."""
        odd = {
            "garbage": faults.garbage(), "truncated": faults.truncated(),
            "echo": lambda work: answer({"error": work().whole.decode()}, 400),
        }
        if TORTURE:
            odd |= {"500": faults.failure(500, done=True), "lost": faults.lost_reply()}
        for title in [self.player.title(request) for request in self.requests_of_one()]:
            for name, fault in odd.items():
                with self.subTest(title=title, fault=name):
                    scene = self.stage.fail(self.player, fault, on=title)
                    outcomes = [self.begin(), self.rotate("--abandon", "--yes")]
                    for outcome in outcomes:
                        self.assertIn(outcome.code, (0, 1, 8, 10, 11, 2, 4), outcome)
                        self.assertSilent(outcome, *self.all_secrets())
                    scene.times = scene.played
                    self.bring_to_an_end()
        for secret in self.all_secrets():
            self.assertEqual(left_in(self.home.path, secret.encode()), [])
        log = self.succeed(self.coffer("audit log", "--json"))
        shown = self.succeed(self.coffer("history", "k", "--json"))
        for said in (log, shown):
            self.assertSilent(said, *self.all_secrets())

    def requests_of_one(self):
        """One of each kind of request that a rotation makes."""
        self.succeed(self.begin())
        self.finish()
        titles = {}
        for request in self.stage.requests:
            if not re.search(r"/\d+$", request.path):
                titles.setdefault(self.player.title(request), request)
        return list(titles.values())

    def bring_to_an_end(self):
        for _ in range(8):
            rotation = self.rotation
            if rotation["state"] in ("retired", "abandoned") and not rotation["strays"]:
                return
            strays = [word for key in rotation["strays"] for word in ("--delete-key", key)]
            self.rotate("--resume", "--yes", *strays)
            if self.state not in ("retired", "abandoned"):
                self.rotate("--abandon", "--yes", *strays)
        raise AssertionError(f"no end of it: {self.rotation}")


@needs("curl", "strace")
class ZpaTraceTest(Traces, casts.AdministeredZpaCast):
    is_quick = True


@needs("curl", "strace")
class Auth0TraceTest(Traces, casts.AdministeredAuth0Cast):
    pass


class Foretold:
    """A player that hands out what a test knows before."""

    def foretell(self):
        """Tokens of sessions, and the next key; their names."""
        self.tokens = [made_of(URL_SAFE, 60) for _ in range(12)]
        left = iter(self.tokens)
        sessions = self.player.sessions

        def issue(subject, life, audience=""):
            session = Session(next(left), subject, audience, sessions.clock.now() + life)
            sessions._all[session.token] = session
            return session
        sessions.issue = issue


class PlainZpa(Zpa):
    """Secrets whose first half is written alike in JSON, forms and headers."""

    def _new(self, *words, **more):
        made = super()._new(*words, **more)
        return made | {"secret": made_of(LETTERS, 32) + made["secret"]}


@as_root
@needs("curl")
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class ZpaMemoryTest(Foretold, casts.AdministeredZpaCast):
    is_quick = True
    player_class = PlainZpa
    assertLocked = test_token_memory.TokenMemoryTest.assertLocked

    def test_every_secret_is_in_locked_memory_alone(self):
        self.foretell()
        new = self.player._new("new")
        self.player._new = lambda name, *_, **__: new | {"facts": new["facts"] | {"name": name}}
        needles = {"old": self.key.secret, "administrator": self.administrator.secret,
                   "new": new["secret"], "token": self.tokens[0]}
        needles = {name: secret[:32].encode() for name, secret in needles.items()}
        out = self.assertLocked(needles, "rotate", "k", "--yes", *self.words,
                                seen=["new", "administrator", "token"])
        self.assertNotIn(needles["new"], out)
        self.assertEqual(self.state, "promoted")
        needles["token"] = self.tokens[2].encode()
        self.assertLocked(needles, "rotate", "k", "--now", "--yes", seen=["administrator"])
        self.assertEqual(self.state, "retired")


@as_root
@needs("curl")
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class Auth0MemoryTest(Foretold, casts.Auth0Cast):
    assertLocked = test_token_memory.TokenMemoryTest.assertLocked

    def test_every_secret_is_in_locked_memory_alone(self):
        self.foretell()
        new, create = made_of(URL_SAFE, 64), self.player.ring.create
        self.player.ring.create = lambda client, _, login: create(client, new, login)
        needles = {"old": self.key.secret, "new": new, "token": self.tokens[0]}
        needles = {name: secret.encode()[:40] for name, secret in needles.items()}
        self.assertLocked(needles, "rotate", "k", "--yes", seen=needles)
        self.assertEqual((self.state, self.value()), ("retired", new))




if __name__ == "__main__":
    unittest.main()
