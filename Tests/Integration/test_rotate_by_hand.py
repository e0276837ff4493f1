# `coffer rotate` where a person or the user's own commands make the key, `rotate --due` and
# `coffer compromised`.

import os
import time
import unittest

import casts
from issuers import faults
from issuers.anthropic import Anthropic
from issuers.github import Github
from issuers.player import Player
from rotating_case import RotatingTest, write_own_profile
from rotation_modes import SCRIPT
from support import needs
from tracing import traced


@needs("curl")
class GuidedZpaTest(casts.ZpaCast):
    """A person makes the key, though there is a call for it."""

    is_quick = True

    def by_hand(self):
        return self.player.ring.create(**self.player._new("by hand"))

    def give(self, key, secret):
        """Begins with what the console shows of a new key."""
        return self.begin(
            "--guided", "--stdin", "--set", f"client_id={key.login}", "--set", f"key_id={key.id}",
            stdin=secret.encode())

    def test_to_the_end(self):
        new = self.by_hand()
        outcome = self.succeed(self.give(new, new.secret))
        self.assertSilent(outcome, self.key.secret, new.secret)
        self.assertFalse(self.stage.asked(self.CREATE))
        self.assertEqual((self.state, self.rotation["mode"]), ("promoted", "guided"))
        self.assertInUse(new)
        self.assertInUse(self.key, "@previous")
        fields = self.fields("k")
        self.assertEqual((fields["client_id"], fields["key_id"]), (new.login, new.id))
        self.assertEqual(fields["customer_id"], self.player.customer)
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(list(self.player.live()), [new.id])

    def test_a_wrong_key_is_never_in_use(self):
        new = self.by_hand()
        outcome = self.give(new, new.secret + "x")
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual((self.state, self.versions), ("pending", ["current", "pending"]))
        self.assertInUse(self.key)

    def test_what_the_issuer_calls_it_is_not_that_of_the_old_one(self):
        """Where nobody says the id of the new key it is unknown: what is done to the new key must
        not be done to the old one."""
        new = self.by_hand()
        words = ("--guided", "--stdin", "--set", f"client_id={new.login}")
        self.succeed(self.begin(*words, stdin=new.secret.encode()))
        self.rotate("--abandon", "--yes")
        self.assertIn(self.key.id, self.player.live())
        self.assertInUse(self.key)
        self.assertFalse([request for request in self.stage.asked("DELETE *")
                          if request.path.endswith(self.key.id)])

    def test_nobody_there_begins_nothing(self):
        self.refuse(self.begin("--guided"), 2, 8)
        self.assertIsNone(self.rotation)

    def test_the_plan_says_who_does_what(self):
        said = self.succeed(self.rotate("--plan", "--guided")).out
        self.assertIn(b"make a new key at the issuer's console", said)
        self.assertEqual(self.changes(), [])


@needs("curl")
class ConsoleTest(RotatingTest):
    """Issuers with consoles alone."""

    def test_github_takes_the_old_one_back_by_itself(self):
        self.player = github = Github()
        old, new = github.grant(), github.grant()
        self.set_stage(github)
        self.hold("k", "github", old.secret)
        self.succeed(self.begin("--stdin", stdin=new.secret.encode()))
        self.assertInUse(new)
        self.assertInUse(old, "@previous")
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(list(github.live()), [new.id])

    def test_anthropic_needs_no_administrator(self):
        self.player = anthropic = Anthropic()
        old, new = anthropic.grant(), anthropic.grant()
        self.set_stage(anthropic)
        self.hold("k", "anthropic", old.secret)
        self.succeed(self.begin("--stdin", stdin=new.secret.encode()))
        self.assertInUse(new)
        self.refuse(self.rotate("--now"), 8)
        self.succeed(self.rotate("--now", "--yes"))
        self.assertEqual(self.state, "retired")

    def test_where_nothing_can_be_asked_a_person_is(self):
        old, new = "pypi-AgE" + "o" * 60, "pypi-AgE" + "n" * 60
        self.set_stage(Player())
        self.hold("k", "pypi", old)
        self.refuse(self.begin_without_yes("--stdin", stdin=new.encode()), 8)
        self.assertEqual((self.state, self.versions), ("pending", ["current", "pending"]))
        self.assertEqual((self.value(), self.value("@pending")), (old, new))
        self.succeed(self.resume("--yes"))
        self.assertEqual((self.state, self.value()), ("promoted", new))
        # That the old one was deleted at the console is for a person to say.
        self.refuse(self.rotate("--now"), 8)
        self.assertEqual(self.state, "promoted")
        self.succeed(self.rotate("--now", "--yes"))
        self.assertEqual(self.state, "retired")
        self.assertEqual(self.stage.requests, [])

    def begin_without_yes(self, *words, **more):
        return self.rotate(*words, **more)


class CommandTest(RotatingTest):
    """An issuer that only the user's commands know."""

    words = ("--from", "./issuer make", "--verify-with", "./issuer verify",
             "--revoke-with", "./issuer revoke")

    def setUp(self):
        super().setUp()
        self.home.file("issuer", SCRIPT.encode(), 0o700)
        self.home.folder("keys")
        self.home.file("keys/made-old", b"")
        # What a command does shows at once.
        profile = write_own_profile(self.home, "generic", settling_seconds=0)
        self.store("k", b"made-old", "--issuer", profile)

    @property
    def live(self):
        return sorted(os.listdir(f"{self.home.path}/keys"))

    def go_on(self, *words):
        return self.rotate(*self.words, *words)

    def spoil(self, step):
        self.home.file(f"fail-{step}", b"")

    def test_to_the_end(self):
        outcome = self.succeed(self.begin())
        self.assertEqual((self.state, self.rotation["mode"]), ("promoted", "command"))
        self.assertEqual(len(self.live), 2)
        self.assertIn(self.value(), self.live)
        self.assertSilent(outcome, self.value())
        self.succeed(self.go_on("--now"))
        self.assertEqual((self.state, self.live), ("retired", [self.value()]))

    def test_the_plan_runs_nothing(self):
        self.succeed(self.rotate("--plan", *self.words))
        self.assertEqual(self.live, ["made-old"])

    def test_a_command_that_fails_before_it_does_anything(self):
        self.spoil("make-before")
        self.refuse(self.rotate(*self.words), 1, 8)
        self.assertEqual((self.value(), self.live), ("made-old", ["made-old"]))
        # Whether it made one nobody knows: another one is made when a person says so.
        self.refuse(self.go_on("--resume"), 8)
        self.assertEqual(self.live, ["made-old"])
        self.succeed(self.go_on("--resume", "--yes"))
        self.assertIn(self.value(), self.live)
        self.assertEqual(self.state, "promoted")

    def test_a_key_that_is_not_accepted_is_not_used(self):
        self.words = self.words[:3] + ("exit 1",) + self.words[4:]
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual((self.state, self.value()), ("pending", "made-old"))
        self.succeed(self.go_on("--abandon", "--yes"))
        self.assertEqual((self.state, self.live), ("abandoned", ["made-old"]))

    def test_a_key_that_no_pipe_takes_at_one_go_is_not_tried(self):
        """A pipe holds 64 KiB before anybody reads it."""
        for length, code in ((65_536, 0), (65_537, 1)):
            make = f"head -c {length} /dev/zero | tr '\\0' k"
            outcome = self.rotate("--from", make, "--verify-with", "wc -c | grep -q 65536", "--yes")
            self.assertEqual(outcome.code, code, outcome.err[:200])
            if code == 0:
                self.assertEqual(self.state, "promoted")
                self.succeed(self.rotate("--abandon", "--yes"))
        self.assertIn(b"too long for a command's standard input", outcome.err)
        self.assertEqual((self.state, self.value()), ("pending", "made-old"))

    def test_a_deletion_that_fails_is_done_again(self):
        self.succeed(self.begin())
        self.spoil("revoke-before")
        self.refuse(self.go_on("--now"), 1)
        self.assertEqual(self.state, "promoted")
        self.succeed(self.go_on("--now"))
        self.assertEqual((self.state, self.live), ("retired", [self.value()]))

    def test_nobody_is_asked_to_delete_the_old_key_while_the_new_one_does_not_work(self):
        words = self.words[:4]
        self.succeed(self.rotate("--yes", *words))
        os.remove(f"{self.home.path}/keys/{self.value()}")
        outcome = self.refuse(self.rotate("--now", "--yes", *words), 1)
        self.assertIn(b"the old one stays", outcome.err)
        self.assertNotIn(b"deleted there", outcome.err)
        self.assertEqual(self.state, "promoted")
        self.home.file(f"keys/{self.value()}", b"")
        self.succeed(self.rotate("--now", "--yes", *words))
        self.assertEqual(self.state, "retired")

    @needs("strace")
    def test_public_fields_stand_in_variables_alone(self):
        self.succeed(self.coffer("edit", "k", "--set", "tenant=acme-7"))
        verify = './issuer verify && echo "$COFFER_NAME $COFFER_FIELD_TENANT" >said'
        outcome, trace = traced(
            self.home, ["rotate", "k", "--yes", "--key-file", self.home.key,
                        "--from", "./issuer make", "--verify-with", verify],
            trace="execve", options=["-s", "4096"])
        self.succeed(outcome)
        with open(f"{self.home.path}/said") as said:
            self.assertEqual(said.read(), "k acme-7\n")
        started = [rest for _, rest in trace.calls("execve")]
        self.assertTrue([rest for rest in started if "issuer verify" in rest])
        self.assertFalse([rest for rest in started if "acme-7" in rest])

    def test_abandoned_in_the_grace(self):
        self.succeed(self.begin())
        self.succeed(self.go_on("--abandon", "--yes"))
        self.assertEqual((self.state, self.live), ("abandoned", ["made-old"]))
        self.assertEqual(self.value(), "made-old")


@needs("curl")
class DueTest(casts.ZpaCast):
    is_quick = True

    def due(self, *words):
        return self.call("rotate", "--due", *words)

    def test_a_timer_goes_on_with_what_waits(self):
        self.succeed(self.due())
        self.assertEqual(self.stage.requests, [])
        self.succeed(self.begin("--grace", "1s"))
        for _ in range(6):
            time.sleep(1.1)
            self.succeed(self.due())
            if self.state == "retired":
                break
        self.assertEqual(self.state, "retired")
        self.assertEqual(list(self.player.live().values()), [self.player.created[0].secret])

    def test_a_timer_begins_what_is_due(self):
        self.succeed(self.coffer("edit", "k", "--max-age", "1s"))
        time.sleep(1.1)
        plan = self.succeed(self.due("--plan"))
        self.assertIn(b'"k"', plan.out)
        self.assertEqual(self.changes(), [])
        self.succeed(self.due())
        self.assertEqual(self.state, "promoted")
        self.assertInUse(self.player.created[0])

    def test_one_that_fails_keeps_no_other_back(self):
        other = self.player.grant("other")
        self.hold_key("a", other)
        self.succeed(self.begin("--grace", "1s"))
        self.succeed(self.coffer("edit", "a", "--max-age", "1s"))
        other.active = False
        time.sleep(1.1)
        outcome = self.due()
        self.assertIn(outcome.code, (1, 11), outcome)
        self.assertIn(b'"a"', outcome.err)
        self.assertIn(self.state, ("deactivated", "retired"))

    def test_what_needs_a_person_is_told(self):
        self.store("p", b"pypi-AgE" + b"o" * 60, "--issuer", "pypi", "--max-age", "1s")
        time.sleep(1.1)
        outcome = self.due()
        self.assertEqual(outcome.code, 11, outcome)
        self.assertIn(b'"p"', outcome.out + outcome.err)
        self.assertIsNone(self.history("p")["rotation"])


@needs("curl")
class CompromisedZpaTest(casts.ZpaCast):
    def test_the_old_key_goes_at_once(self):
        self.succeed(self.call("compromised", "k", "--yes"))
        (new,) = self.player.created
        self.assertEqual(self.state, "retired")
        self.assertEqual(list(self.player.live().values()), [new.secret])
        self.assertInUse(new)

    def test_a_rotation_that_runs_is_hastened(self):
        self.succeed(self.begin())
        self.succeed(self.call("compromised", "k", "--yes"))
        self.assertEqual(self.state, "retired")
        self.assertEqual(len(self.player.live()), 1)


@needs("curl")
class CompromisedTokenTest(RotatingTest):
    def test_a_token_of_github_is_deleted_for_whoever_has_it(self):
        self.player = github = Github()
        key = github.grant()
        self.set_stage(github)
        self.hold("k", "github", key.secret)
        self.assertEqual(self.call("compromised", "k").code, 8)
        self.assertEqual(list(github.live()), [key.id])
        outcome = self.call("compromised", "k", "--yes")
        self.assertEqual(outcome.code, 11, outcome)
        self.assertEqual(github.live(), {})
        self.assertSilent(outcome, key.secret)

    def test_it_is_not_said_that_it_is_gone_if_the_issuer_was_not_heard(self):
        self.player = github = Github()
        key = github.grant()
        stage = self.set_stage(github)
        stage.fail(github, faults.cut(), times=99)
        self.hold("k", "github", key.secret)
        outcome = self.call("compromised", "k", "--yes")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertNotIn(b"has deleted", outcome.out + outcome.err)


if __name__ == "__main__":
    unittest.main()
