# Whose a key is, and which one goes: what a hostile issuer, another secret of the same account and a
# person at the console could have a rotation delete or lose.

import casts
from issuers import faults
from shell import Shell
from support import needs, wait_until


@needs("curl")
class AnothersTest(casts.ZpaCast):
    """Two secrets of one account."""

    is_quick = True

    def setUp(self):
        super().setUp()
        self.other = self.player.grant("other")
        self.hold_key("b", self.other)

    def rotate_other(self):
        self.succeed(self.call("rotate", "b", "--yes"))
        while self.history("b")["rotation"]["state"] != "retired":
            self.succeed(self.call("rotate", "b", "--now"))

    def test_the_key_of_another_secret_is_no_stray(self):
        self.succeed(self.begin())
        self.rotate_other()
        self.finish()
        self.assertEqual(self.rotation["strays"], [])
        self.assertEqual(set(self.player.live().values()), {
            self.value().rstrip("\n"), self.succeed(self.coffer("get", "b")).out.decode()})

    def test_a_version_that_was_typed_in_does_not_inherit_the_id_of_the_one_before(self):
        by_hand = self.player.grant("by hand")
        self.store("k", by_hand.secret.encode(), "--replace", "--set", f"client_id={by_hand.login}")
        self.assertNotIn("key_id", self.fields("k"))
        self.succeed(self.begin())
        self.finish()
        live = set(self.player.live())
        self.assertNotIn(by_hand.id, live)
        self.assertIn(self.key.id, live)


    def test_an_id_that_is_set_is_that_of_the_current_version_alone(self):
        """A version that has none does not get it by a rollback either: else the key of the other
        one would be deleted."""
        first, second = self.player.grant("first"), self.player.grant("second")
        self.hold("c", self.profile("zpa"), first.secret, client_id=first.login,
                  customer_id=self.player.customer, role="1")
        self.store("c", second.secret.encode(), "--replace", "--set", f"client_id={second.login}")
        self.succeed(self.coffer("edit", "c", "--set", f"key_id={second.id}"))
        self.assertEqual(self.fields("c")["key_id"], second.id)
        self.succeed(self.coffer("rollback", "c"))
        self.assertNotIn("key_id", self.fields("c"))
        self.succeed(self.call("rotate", "c", "--yes"))
        while self.history("c")["rotation"]["state"] != "retired":
            self.succeed(self.call("rotate", "c", "--now"))
        live = set(self.player.live())
        self.assertIn(second.id, live)
        self.assertNotIn(first.id, live)


class DeadTests:
    """Somebody switches the new key off at the console during the grace."""

    is_quick = True

    def test_the_old_key_stays_while_the_new_one_does_not_work(self):
        self.succeed(self.begin())
        (new,) = self.player.created
        new.active = False
        for words in (("--now",), ("--now",)):
            outcome = self.refuse(self.rotate(*words), 1)
            self.assertIn(b"the old one stays", outcome.err)
            self.assertIn(self.key.id, self.player.live())
        self.succeed(self.rotate("--abandon", "--yes"))
        self.assertInUse(self.key)


@needs("curl")
class DeadTest(DeadTests, casts.AdministeredZpaCast):
    pass


@needs("curl")
class DeadZpaTest(DeadTests, casts.ZpaCast):
    """The key that is dead is what would prove that the old one may be switched on."""


@needs("curl")
class DeadAwsTest(DeadTests, casts.AwsCast):
    pass


@needs("curl")
class GatewayTest(casts.ZpaCast):
    """What stands between us and the issuer answers in its place, after it has acted."""

    is_quick = True

    def test_a_status_that_says_nothing_leaves_open_whether_a_key_was_made(self):
        for status in (302, 404, 408, 418):
            with self.subTest(status):
                before = len(self.player.created)
                self.stage.fail(self.player, faults.failure(status, done=True), on=self.CREATE)
                self.refuse(self.begin(), 8)
                stray = self.player.created[before]
                self.assertEqual(self.rotation["strays"], [stray.id])
                self.succeed(self.resume("--delete-key", stray.id))
                self.finish()
                self.assertEqual(list(self.player.live().values()), [self.value()])

    def test_a_no_to_a_deletion_is_no_end_of_a_key_that_is_listed(self):
        self.succeed(self.begin())
        for status in (403, 404):
            self.stage.fail(self.player, faults.failure(status), on="PUT */apiKeys/*")
            outcome = self.refuse(self.rotate("--now"), 1)
            self.assertEqual(self.state, "promoted")
            self.assertIn(self.key.id, self.player.live())
        # A timer would be told no each time.
        self.assertIn(b"on a terminal asks a person to do it at the console", outcome.err)
        self.finish()
        self.assertNotIn(self.key.id, self.player.live())


@needs("curl")
class PressedTest(casts.GitlabCast):
    """Keys of a terminal while an exchange is under way, whose value cannot be had again."""

    def press(self, keys):
        self.stage.fail(self.player, faults.slow(2), on=self.CREATE)
        words = ("rotate", "k", "--yes", "--key-file", self.home.key)
        with Shell(self.home, *words) as shell:
            wait_until(lambda: self.stage.asked(self.CREATE), "the value is being exchanged")
            shell.type(keys)
            shell.stopped_or_ended()
        (new,) = self.player.created
        if self.state != "retired":
            self.succeed(self.resume())
        self.assertEqual(self.state, "retired")
        self.assertInUse(new)

    def test_an_interrupt_comes_after_the_value_is_stored(self):
        self.press(b"\x03")

    def test_quitting_comes_after_the_value_is_stored(self):
        self.press(b"\x1c")
