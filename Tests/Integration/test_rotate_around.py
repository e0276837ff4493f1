# What is around a rotation: jobs that use the key meanwhile, an agent, a locked vault, the log.

import json
import time
import unittest

import casts
from issuers import faults
from support import COFFER, needs, wait_until


@needs("curl")
class AroundTest(casts.ZpaCast):
    is_quick = True

    def new(self):
        return self.player.created[-1]

    def test_a_job_that_it_is_delivered_to_follows(self):
        self.succeed(self.coffer("job add", "nightly", "--identity-file", "nightly.job"))
        self.succeed(self.coffer("deliver", "k", "--to", "nightly"))
        self.succeed(self.begin())
        for name, value in (("k", self.new().secret), ("k#client_id", self.new().login)):
            outcome = self.succeed(self.home.run("get", name, "--job-file", "nightly.job"))
            self.assertEqual(outcome.out.decode(), value)
        self.succeed(self.rotate("--abandon", "--yes"))
        outcome = self.succeed(self.home.run("get", "k", "--job-file", "nightly.job"))
        self.assertEqual(outcome.out.decode(), self.key.secret)

    def test_through_an_agent(self):
        for words in (("--yes",), ("--now", "--yes")):
            self.succeed(self.call("with-agent", "--", COFFER, "rotate", "k", *words))
        self.assertEqual(self.state, "retired")
        self.assertInUse(self.new())
        self.assertEqual(len(self.player.live()), 1)

    def test_a_locked_vault_is_not_rotated(self):
        outcome = self.refuse(self.home.run("rotate", "k", "--yes"), 3)
        self.assertEqual(self.stage.requests, [])
        self.assertSilent(outcome, self.key.secret)

    def test_every_step_is_in_the_log(self):
        self.succeed(self.begin())
        self.finish()
        log = self.succeed(self.coffer("audit log", "--json")).out
        found = [json.loads(line)["operation"] for line in log.splitlines()]
        steps = [name for name in found if name in (
            "rotate", "rotate-store", "promote", "retire")]
        self.assertEqual(steps, ["retire", "promote", "rotate-store", "rotate"],
                         "the newest first")
        self.assertGreaterEqual(found.count("rotate-step"), 3)
        self.assertSilent(self.coffer("audit log"), self.key.secret, self.new().secret)

    def test_the_key_can_be_used_at_any_time(self):
        """While a rotation is under way, by whoever asks."""
        self.stage.fail(self.player, faults.slow(1), times=99)
        process = self.home.start("rotate", "k", "--yes", "--key-file", self.home.key)
        seen, answers = set(), 0
        while process.poll() is None:
            value = self.value()
            self.assertIn(value, self.player.live().values())
            seen.add(value)
            answers += 1
            time.sleep(0.05)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        self.assertGreater(answers, 5)
        self.assertLessEqual(seen, {self.key.secret, self.new().secret})

    def test_what_would_be_in_its_way_is_refused_meanwhile(self):
        self.succeed(self.begin())
        for words in (("rm", "k"), ("rename", "k", "other"),
                      ("purge", "k", "--yes")):
            self.refuse(self.coffer(*words), 8)
        self.refuse(self.coffer("capture", "k", "--replace", "--stdin", stdin=b"another"), 8)
        self.assertInUse(self.new())
        self.assertEqual(self.finish(), "retired")
        self.succeed(self.coffer("rename", "k", "other"))

    def test_an_interrupt_loses_nothing(self):
        self.stage.fail(self.player, faults.slow(1), on=self.CREATE)
        process = self.home.start("rotate", "k", "--yes", "--key-file", self.home.key)
        wait_until(lambda: self.stage.asked(self.CREATE), "a key is being made")
        process.send_signal(2)
        _, err = process.communicate(timeout=60)
        self.assertIn(process.returncode, (-2, 130, 8, 1), err)
        # It may be stored, or be at the issuer without an owner; then it is named.
        if self.state in ("creating", "searching"):
            outcome = self.resume()
            self.assertEqual(outcome.code, 8, outcome)
            self.assertEqual(self.rotation["strays"], [self.new().id])
            self.succeed(self.resume("--delete-key", self.new().id))
        else:
            self.assertEqual(self.value("@pending"), self.new().secret)
            self.succeed(self.resume())
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(len(self.player.live()), 1)

    def test_a_rekeyed_vault_goes_on(self):
        self.succeed(self.begin())
        self.succeed(self.coffer("rekey", "--yes"))
        self.assertEqual(self.finish(), "retired")
        self.assertInUse(self.new())

    def test_a_backup_made_meanwhile_goes_on_too(self):
        """A copy from the grace knows both keys: a rollback of the file loses none of them."""
        self.succeed(self.begin())
        self.home.folder("copies")
        self.succeed(self.home.run("backup", "copies/copy.db"))
        self.finish()
        words = ("copies/copy.db", "--replace", "--accept-rollback")
        self.succeed(self.coffer("restore", *words))
        self.assertInUse(self.new())
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(list(self.player.live().values()), [self.new().secret])


if __name__ == "__main__":
    unittest.main()
