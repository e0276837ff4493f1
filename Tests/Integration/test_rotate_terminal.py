# `coffer rotate` with a person at a terminal, who makes keys and decides about them.

import unittest

import casts
from issuers import faults
from shell import Shell
from support import needs


@needs("curl")
class TerminalTest(casts.ZpaCast):
    is_quick = True

    def shell(self, *words):
        return Shell(self.home, "rotate", "k", *words, "--key-file", self.home.key)

    def test_a_key_is_typed_and_never_shown(self):
        new = self.player.ring.create(**self.player._new("by hand"))
        answers = {b"Name": new.facts["name"], b"Client ID": new.login}
        with self.shell("--guided") as shell:
            shell.expect(b"https://admin.private.zscaler.com/")
            shown = b""
            while True:
                prompt = shell.expect(b": ")
                shown += prompt
                if b"Client Secret" in prompt:
                    self.assertTrue(shell.is_hidden)
                    break
                known = [text for title, text in answers.items() if title in prompt]
                shell.type((known[0] if known else "").encode() + b"\n")
            shell.type(new.secret.encode() + b"\n")
            shell.expect(b"stays valid until")
            self.assertEqual(shell.stopped_or_ended(), 0)
            self.assertTrue(shell.is_in_order)
            self.assertNotIn(new.secret.encode(), shown + shell.rest())
        self.assertEqual(self.state, "promoted")
        self.assertInUse(new)
        self.assertEqual(self.fields("k")["client_id"], new.login)
        # Nobody said what the issuer calls it: no call may delete either of the two.
        self.player.ring.remove(self.key.id)
        self.succeed(self.rotate("--now", "--yes"))
        self.assertEqual(self.state, "retired")
        self.assertEqual(list(self.player.live()), [new.id])
        # What the issuer calls it was not asked; the next rotation finds it by what was.
        self.succeed(self.begin())
        self.finish()
        self.assertEqual(list(self.player.live()), [self.player.created[-1].id])

    def test_an_issuer_that_is_not_heard_keeps_nobody_from_saying_what_was_done(self):
        """The old key is to be deleted by hand: nobody knows its id."""
        new = self.player.ring.create(**self.player._new("by hand"))
        self.succeed(self.begin(
            "--guided", "--stdin", "--set", f"client_id={new.login}", stdin=new.secret.encode()))
        self.assertEqual(self.state, "promoted")
        self.stage.fail(self.player, faults.cut(), times=99)
        with self.shell("--now") as shell:
            shell.expect(b"whether the new key works is not known")
            shell.expect(b"deleted there? [y/N]: ")
            shell.type(b"y\n")
            self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertEqual(self.state, "retired")

    def lose(self):
        self.stage.fail(self.player, faults.lost_reply(), on=self.CREATE)

    def test_a_stray_is_deleted_when_a_person_says_so(self):
        self.lose()
        with self.shell() as shell:
            shell.expect(b"at the issuer? [y/N]: ")
            (lost,) = self.player.created
            self.assertIn(lost.id, self.player.live(), "not before it is answered")
            shell.type(b"y\n")
            shell.expect(b"stays valid until")
            self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertNotIn(lost.id, self.player.live())
        self.assertEqual((self.state, self.rotation["strays"]), ("promoted", []))

    def test_a_person_who_does_not_know_decides_nothing(self):
        self.lose()
        with self.shell() as shell:
            for _ in range(2):
                shell.expect(b"[y/N]: ")
                shell.type(b"\n")
            self.assertEqual(shell.stopped_or_ended(), 8)
            self.assertTrue(shell.is_in_order)
        (lost,) = self.player.created
        self.assertIn(lost.id, self.player.live())
        self.assertEqual(self.rotation["strays"], [lost.id])
        self.assertInUse(self.key)

    def test_keys_end_it_and_nothing_is_lost(self):
        """Control-C at a question."""
        self.lose()
        with self.shell() as shell:
            shell.expect(b"[y/N]: ")
            shell.type(b"\x03")
            self.assertNotEqual(shell.stopped_or_ended(), 0)
            self.assertTrue(shell.is_in_order)
        (lost,) = self.player.created
        self.assertEqual(self.rotation["strays"], [lost.id])
        self.succeed(self.resume("--delete-key", lost.id))
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(len(self.player.live()), 1)


if __name__ == "__main__":
    unittest.main()
