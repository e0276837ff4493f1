# `coffer rotate` and its waits, when the machine was started anew or the wall clock was set.
#
# A namespace of its own has another clock that counts from the start of the machine, or another
# start. That clock put on is what a wall clock that was set back looks like; where it was ahead and
# is not any more, the wall clock looks as if it had been set forward.

import time
import unittest

import casts
from support import as_root, needs

START = "/proc/sys/kernel/random/boot_id"


@needs("curl", "unshare")
@as_root
class ClockTest(casts.OktaCast):
    is_quick = True

    @staticmethod
    def ahead(seconds):
        """So much time has passed that the wall clock knows nothing of."""
        return {"under": ("unshare", "--time", "--boottime", str(seconds))}

    def after_a_restart(self, identifier="5eb7e4b4-0000-4000-8000-000000000001"):
        """Goes on as after another start of the machine."""
        start = self.home.file("start", f"{identifier}\n".encode())
        mount = f'mount --bind "$0" {START} && exec "$@"'
        return self.resume(under=("unshare", "--mount", "sh", "-c", mount, start))

    def begin_with(self, grace, **more):
        self.succeed(self.begin("--grace", grace, **more))
        self.assertEqual(self.state, "promoted")

    def assertOff(self):
        """The old key is switched off, and not deleted yet."""
        self.assertEqual(self.state, "deactivated")
        self.assertFalse(self.stage.asked("DELETE *"))

    def test_a_wall_clock_that_was_set_back_makes_no_wait_longer(self):
        self.begin_with("1h")
        outcome = self.succeed(self.resume(**self.ahead(3_500)))
        self.assertEqual(self.state, "promoted")
        self.assertIn(b"clock", outcome.err)
        outcome = self.succeed(self.resume(**self.ahead(3_601)))
        self.assertIn(b"clock", outcome.err)
        self.assertOff()
        self.assertEqual(self.finish(), "retired")

    def test_a_wall_clock_that_was_set_forward_makes_no_wait_shorter(self):
        self.begin_with("5s", **self.ahead(4))
        time.sleep(5.1)
        self.succeed(self.resume())
        self.assertEqual(self.state, "promoted")
        time.sleep(4)
        self.succeed(self.resume())
        self.assertOff()

    def test_a_restart_ends_no_wait(self):
        self.begin_with("1h")
        self.succeed(self.after_a_restart())
        self.assertEqual(self.state, "promoted")
        self.assertIn(self.key.secret, self.player.live().values())
        # Nor is it begun anew.
        began = self.rotation["changed"]
        self.succeed(self.after_a_restart("5eb7e4b4-0000-4000-8000-000000000002"))
        self.assertEqual((self.state, self.rotation["changed"]), ("promoted", began))

    def test_after_a_restart_there_is_only_the_wall_clock_and_that_is_told(self):
        self.begin_with("2s")
        time.sleep(2.1)
        outcome = self.succeed(self.after_a_restart())
        self.assertIn(b"only its clock says that the time is over", outcome.err)
        self.assertOff()
        # What it waits for now is measured by the clock of this start.
        time.sleep(1.1)
        self.succeed(self.after_a_restart())
        self.assertEqual(self.state, "retired")

    def test_it_is_taken_back_after_a_restart(self):
        self.begin_with("2s")
        time.sleep(2.1)
        self.succeed(self.after_a_restart())
        self.assertOff()
        self.succeed(self.rotate("--abandon", "--yes"))
        self.assertInUse(self.key)
        self.assertEqual(list(self.player.live().values()), [self.key.secret])


if __name__ == "__main__":
    unittest.main()
