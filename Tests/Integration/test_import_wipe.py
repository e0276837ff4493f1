# What takes the place of a source while that is imported and wiped stays as it is.

import os
import unittest

from frozen import Frozen
from support import CofferTest, as_root

SOURCE, NEWCOMER = b"machine h password SECRETPART\n", b"machine new password x\n"


def is_open_for_writing(pid, path):
    for number in os.listdir(f"/proc/{pid}/fd"):
        if os.readlink(f"/proc/{pid}/fd/{number}") == path:
            with open(f"/proc/{pid}/fdinfo/{number}") as lines:
                flags = next(line for line in lines if line.startswith("flags:"))
            if int(flags.split()[1], 8) & os.O_ACCMODE == os.O_WRONLY:
                return True
    return False


@as_root
class ReplacedSource(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.path = self.home.file("netrc", SOURCE)

    def content(self, path):
        with open(path, "rb") as file:
            return file.read()

    def wipe(self, meddle):
        """Calls `meddle` with the process before each system call until it returns true."""
        words = ["import", "--key-file", self.home.key, "--from", "netrc", self.path]
        with Frozen(self.home, [*words, "--wipe-source"]) as process:
            self.assertTrue(any(meddle(process.pid) for _ in process.calls()), "it has its moment")
            code, _, errors = process.finish()
        self.assertHolds("h", b"SECRETPART")
        return code, errors

    def test_while_it_is_overwritten(self):
        def meddle(_):
            if os.path.exists(self.path):
                return False
            self.home.file("netrc", NEWCOMER)
            return True

        with open(self.path, "rb") as held:
            code, errors = self.wipe(meddle)
            self.assertEqual(held.read().strip(b"\0"), b"")
        self.assertEqual((code, self.content(self.path)), (0, NEWCOMER))
        self.assertIn(b"was overwritten and removed", errors)
        self.assertEqual([n for n in os.listdir(self.home.path) if "wiping" in n], [])

    def test_just_before(self):
        """The newcomer gets its name back, and what was read is where it was put."""
        moved = f"{self.home.path}/moved"

        def meddle(pid):
            if not is_open_for_writing(pid, self.path):
                return False
            os.rename(self.path, moved)
            self.home.file("netrc", NEWCOMER)
            return True

        code, errors = self.wipe(meddle)
        self.assertEqual((code, self.content(self.path)), (9, NEWCOMER))
        self.assertEqual(self.content(moved), SOURCE)
        self.assertIn(b"changed meanwhile: it was left", errors)
        self.assertEqual([n for n in os.listdir(self.home.path) if "wiping" in n], [])


if __name__ == "__main__":
    unittest.main()
