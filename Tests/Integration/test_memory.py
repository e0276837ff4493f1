# What is left in memory when a process ends: nothing (attack cases F97, F98).

import os
import secrets
import subprocess
import sys
import unittest

import frozen
from frozen import Frozen, describe, find, shapes
from root_key import root_key, subkeys
from support import CofferTest, as_root

PASSPHRASE = b"correct horse battery staple 4711"
WRONG = b"incorrect horse battery staple 42"


@as_root
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class MemoryTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.value = secrets.token_urlsafe(30).encode()
        self.make_passphrase_vault(PASSPHRASE, a=self.value)
        self.root = root_key(self.home.vault, key_file=self.home.key)
        self.secrets = {"value": self.value, "passphrase": PASSPHRASE, "root key": self.root}
        self.secrets |= subkeys(self.root, self.home.vault)
        self.with_passphrase = ["--passphrase-file", self.passphrase_file]
        with open(self.home.key, "rb") as file:
            self.raw_key = file.read().strip().removeprefix(b"coffer-key-1:")

    def assertNothingLeft(self, process, **more):
        hits = find(process.pid, **self.secrets, **more)
        self.assertEqual(describe(hits), [])

    def test_the_scan_finds_every_shape_of_every_secret(self):
        """The control: in a process that holds them all, every one is found."""
        held = [
            (name, shape, content) for name, value in self.secrets.items()
            for shape, content in shapes(value).items()
        ]
        found = self.found_in_a_holder(b"---".join(content for _, _, content in held))
        self.assertEqual(found, {(name, shape) for name, shape, _ in held})
        self.assertEqual(self.found_in_a_holder(b"something else"), set())

    def found_in_a_holder(self, content):
        """What the scan finds in a process that read `content` and holds it."""
        hold = ("import sys; held = sys.stdin.buffer.read(int(sys.argv[1]));"
                "print(flush=True); input()")
        with subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", hold, str(len(content))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as holder:
            holder.stdin.write(content)
            holder.stdin.flush()
            holder.stdout.readline()
            hits = find(holder.pid, **self.secrets)
            holder.stdin.write(b"\n")
            holder.stdin.close()
        return {(name, shape) for name, shape, _ in hits}

    def test_base64_is_found_wherever_the_value_begins(self):
        """The control of the control: the shapes are parts of the base 64 of a longer text."""
        import base64

        for before in range(6):
            text = base64.b64encode(b"x" * before + self.value + b"\xff\xee\xdd")
            self.assertTrue(any(
                form in text for shape, form in shapes(self.value).items() if "base64" in shape))

    def test_the_root_key_is_the_same_through_either_key(self):
        """So that it is known to be the one to look for."""
        self.assertEqual(root_key(self.home.vault, passphrase=PASSPHRASE), self.root)
        self.assertEqual(len(self.root), 32)

    def test_nothing_is_left_after_get(self):
        for words in (["--key-file", self.home.key], self.with_passphrase):
            with self.subTest(words=words), Frozen(self.home, ["get", "a", *words]) as process:
                process.stop_at("write", 1)
                at_write = find(process.pid, value=self.value)
                self.assertTrue(at_write, "the control: it is there while it is written")
                for _, shape, region in at_write:
                    self.assertEqual(shape, "raw")
                    self.assertTrue(region.is_locked, region.line)
                process.stop_at("exit_group")
                self.assertNothingLeft(process, raw_key=self.raw_key)
                self.assertEqual(process.finish(), (0, self.value, b""))

    def test_nothing_is_left_after_a_wrong_passphrase(self):
        wrong = self.home.file("wrong", WRONG)
        with Frozen(self.home, ["get", "a", "--passphrase-file", wrong]) as process:
            process.stop_at("exit_group")
            self.assertNothingLeft(process, wrong=WRONG)
            code, output, errors = process.finish()
        self.assertEqual((code, output), (3, b""))
        self.assertIn(b"wrong passphrase", errors)

    def test_nothing_is_left_after_capture(self):
        words = ["capture", "b", "--stdin", "--key-file", self.home.key]
        new = secrets.token_urlsafe(30).encode()
        with Frozen(self.home, words, stdin=new) as process:
            process.stop_at("write", 1)
            self.assertEqual(describe(self.outside(process, new=new)), [])
            process.stop_at("exit_group")
            self.assertNothingLeft(process, new=new)
            self.assertEqual(process.finish()[0], 0)

    def test_nothing_is_left_after_slots_change(self):
        """The only commands that hold the root key for longer."""
        words = ["slot", "add", *self.with_passphrase, "--new-key-file", self.home.path + "/job"]
        with Frozen(self.home, words) as process:
            process.stop_at("exit_group")
            self.assertNothingLeft(process)
            self.assertEqual(process.finish()[0], 0)

    def identity(self, path):
        """The keys in the identity of a job, of which shapes are looked for as of every secret."""
        with open(path) as file:
            lines = dict(line.split() for line in file.read().splitlines()[1:])
        return {word: bytes.fromhex(lines[word]) for word in ("key", "shared")}

    def test_nothing_is_left_after_a_job_was_added_and_after_it_opens_a_delivery(self):
        path = f"{self.home.path}/ci.job"
        words = ["job", "add", "ci", "--identity-file", path, *self.with_passphrase]
        with Frozen(self.home, words) as process:
            process.stop_at("exit_group")
            self.assertNothingLeft(process, **self.identity(path))
            self.assertEqual(process.finish()[0], 0)
        words = ["deliver", "a", "--to", "ci", "--key-file", self.home.key]
        with Frozen(self.home, words) as process:
            process.stop_at("exit_group")
            self.assertNothingLeft(process, **self.identity(path))
            self.assertEqual(process.finish()[0], 0)
        with Frozen(self.home, ["get", "a", "--job-file", path]) as process:
            process.stop_at("write", 1)
            held = self.identity(path) | {"value": self.value}
            self.assertTrue(find(process.pid, value=self.value), "the control: it is there")
            self.assertEqual(describe(self.outside(process, **held)), [])
            process.stop_at("exit_group")
            self.assertNothingLeft(process, **self.identity(path))
            self.assertEqual(process.finish(), (0, self.value, b""))

    def test_nothing_is_left_after_a_tampered_row(self):
        import sqlite3

        connection = sqlite3.connect(self.home.vault)
        (blob,) = connection.execute("SELECT blob FROM record").fetchone()
        connection.execute("UPDATE record SET blob = ?", [blob[:-1] + bytes([blob[-1] ^ 1])])
        connection.commit()
        connection.close()
        with Frozen(self.home, ["get", "a", "--key-file", self.home.key]) as process:
            process.stop_at("exit_group")
            self.assertNothingLeft(process)
            self.assertEqual(process.finish()[:2], (5, b""))

    def outside(self, process, **wanted):
        return [hit for hit in find(process.pid, **wanted) if not hit[2].is_locked]

    def test_a_value_stands_in_locked_memory_only_at_every_system_call(self):
        """F98. Copies on the stack or the heap would show at one of the calls in between."""
        words = ["get", "a", *self.with_passphrase]
        seen = set()
        with Frozen(self.home, words) as process:
            for _ in process.calls():
                # Without the memory and the stacks of the key derivation, which are large.
                for region in frozen.memory(process.pid, "rw", largest=4 << 20):
                    for name, value in self.secrets.items():
                        if value in region.content:
                            seen.add(name)
                            # libcrypto keys an HMAC by way of its stack, which it wipes, and may
                            # ask for more locked memory meanwhile: that happens to this one.
                            if name == "audit" and "[stack]" in region.line:
                                continue
                            self.assertTrue(region.is_locked, f"{name} in {region.line}")
        self.assertEqual(seen, self.secrets.keys(), "the control: they are seen")

    def test_a_job_takes_over_a_process_without_secrets_but_its_own(self):
        """F99: after execve only the variable that was asked for is in memory."""
        words = ["run", "--key-file", self.home.key, "--fd", "7=a", "--", "/bin/sleep", "0"]
        with Frozen(self.home, words) as process:
            for _ in process.calls():
                if os.readlink(f"/proc/{process.pid}/exe").endswith("coffer"):
                    continue
                self.assertNothingLeft(process)
                break
            else:
                self.fail("the job did not start")


if __name__ == "__main__":
    unittest.main()
