# Backups of a vault that is in use, restored ones, and exports: whole or not at all, and no plain
# text on a disk (attack cases C64, C65). `test_sweeps.py` and `test_power_cuts.py` have them under
# faults.

import concurrent.futures
import os
import pty
import sqlite3
import subprocess
import threading
import time
import unittest

from left_vault import LeftVault
from support import AWKWARD, TORTURE, CofferTest, Home, needs, wait_until
from tracing import opened_paths, traced

WRITERS = 4
EACH = 200 if TORTURE else 20
# What is in place before, and what a backup brings.
OLD, NEW = b"the old value", b"a newer value"


class WritingTest(CofferTest):
    def write(self, worker, done):
        for number in range(EACH):
            self.store(f"w{worker}/{number}", b"%d/%d" % (worker, number))
            done[worker] = number + 1

    def copies(self):
        folder = f"{self.home.path}/copies"
        return sorted(f"{folder}/{name}" for name in os.listdir(folder))

    def test_backups_while_four_processes_write_are_each_a_whole_vault(self):
        """C64."""
        self.make_vault()
        self.home.folder("copies")
        done, least = [0] * WRITERS, []
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(self.write, worker, done) for worker in range(WRITERS)]
            while not all(writer.done() for writer in writers):
                least.append(list(done))
                self.succeed(self.home.run("backup", f"{self.home.path}/copies"))
            for writer in writers:
                writer.result()
        copies = self.copies()
        self.assertEqual(len(copies), len(least))
        self.assertGreater(len(copies), 3)
        self.assertTrue(all(name.endswith("Z.db") for name in copies), copies)
        sizes = set()
        for copy, before in zip(copies, least):
            home = self.copied_home(copy)
            self.succeed(home.with_key("audit verify"))
            names = set(self.succeed(home.with_key("list")).out.decode().split())
            sizes.add(len(names))
            for worker in range(WRITERS):
                # What was acknowledged before the backup began is in it, in order.
                mine = {name for name in names if name.startswith(f"w{worker}/")}
                self.assertGreaterEqual(len(mine), before[worker])
                self.assertEqual(mine, {f"w{worker}/{n}" for n in range(len(mine))})
        self.assertGreater(len(sizes), 2)
        self.succeed(self.coffer("audit verify"))
        operations = self.succeed(self.coffer("audit log", "--json", "--limit", "1000")).out
        self.assertEqual(operations.count(b'"operation":"backup"'), len(copies))

    def copied_home(self, copy):
        """A machine of its own that has the backup and the key."""
        home = Home()
        self.addCleanup(home.remove)
        home.key = self.home.key
        self.succeed(home.run("restore", copy, "--key-file", home.key))
        return home

    def test_a_restored_vault_replaces_one_that_others_are_using(self):
        """Whoever uses the vault meanwhile fails in words, or uses the one or the other."""
        self.make_vault(old=OLD)
        copy = f"{self.home.path}/copy.db"
        self.succeed(self.home.run("backup", copy))
        self.store("new", NEW)
        stop, codes, values = threading.Event(), set(), set()

        def read():
            while not stop.is_set():
                outcome = self.coffer("get", "new")
                codes.add(outcome.code)
                values.add(outcome.out)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        restored = [
            self.coffer("restore", copy, "--replace", "--accept-rollback") for _ in range(3)]
        stop.set()
        for reader in readers:
            reader.join()
        for outcome in restored:
            # 7: a reader's entry came in between, and the vault that is there is newer again.
            self.assertIn(outcome.code, (0, 7, 10), outcome)
        self.assertIn(0, {outcome.code for outcome in restored})
        self.assertLessEqual(codes, {0, 4, 7, 10}, codes)
        self.assertLessEqual(values, {b"", NEW})
        self.assertEqual(self.names(), ["old"])
        self.assertHolds("old", OLD)
        self.succeed(self.coffer("audit verify"))


class EnteredTest(CofferTest):
    def test_a_verifier_of_other_hands_reads_what_was_entered(self):
        """With a key and without, the specification says what is in the log."""
        self.make_vault(a=b"value")
        copies = [f"{self.home.path}/{name}.db" for name in ("locked", "open")]
        self.succeed(self.home.run("backup", copies[0]))
        self.succeed(self.coffer("backup", copies[1]))
        self.store("b", b"other")
        self.succeed(self.coffer("export", "--plain", "--prefix", "b"))
        before = [("init", "done", ""), ("capture", "done", "a"), ("backup", "done", "")]
        self.assertEqual(LeftVault(self.home).done(), [
            *before, ("backup", "done", ""), ("capture", "done", "b"), ("export", "done", "")])
        self.succeed(self.coffer("restore", copies[0], "--replace", "--yes"))
        left = LeftVault(self.home)
        self.assertEqual(left.done(), [
            *before, ("accept-rollback", "done", ""), ("restore", "done", "")])
        self.assertEqual(left.values, {"a": b"value"})


@needs("strace")
class PublishingTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(old=OLD)
        self.folder = self.home.folder("copies")
        self.copy = f"{self.folder}/copy.db"

    def test_what_a_kill_left_goes_with_a_later_backup(self):
        """C65."""
        draft = f"{self.folder}/v-20260101T000000.000Z.db.new-77"
        self.home.file("copies/v-20260101T000000.000Z.db.new-77", b"half")
        os.utime(draft, (1_000_000, 1_000_000))
        self.succeed(self.home.run("backup", self.folder, "--keep", "1"))
        self.assertFalse(os.path.exists(draft))
        self.assertEqual(len(os.listdir(self.folder)), 1)

    def test_a_log_that_cannot_be_written_does_not_keep_a_backup_from_being_made(self):
        outcome, trace = traced(
            self.home, ["backup", self.copy], b"", "pwrite64:error=ENOSPC", trace="pwrite64",
            options=["-P", self.home.vault + "-wal"])
        self.succeed(outcome)
        self.assertGreater(trace.count("pwrite64"), 0)
        self.assertIn(b"the backup is not in the audit log", outcome.err)
        home = Home()
        self.addCleanup(home.remove)
        self.succeed(home.run("restore", self.copy, "--key-file", self.home.key))
        self.assertEqual(home.run("get", "old", "--key-file", self.home.key).out, OLD)

    def test_a_backup_is_on_disk_before_it_has_its_name_and_its_name_before_it_is_told(self):
        outcome, trace = traced(self.home, ["backup", self.copy], options=["-y"])
        self.succeed(outcome)
        moved = trace.place("renameat2(", "copy.db")
        synced = [n for n, line in enumerate(trace.lines)
                  if "sync(" in line and "copy.db.new-" in line]
        self.assertTrue(synced and max(synced) < moved)
        folder = [n for n, line in enumerate(trace.lines)
                  if "fsync(" in line and f"<{self.folder}>" in line]
        self.assertGreater(max(folder), moved)
        self.assertGreater(trace.place("write(", "backed up"), max(folder))


class RottenTest(CofferTest):
    def test_a_copy_of_a_damaged_vault_pushes_no_whole_one_out(self):
        self.make_vault(old=OLD)
        folder = self.home.folder("copies")
        self.succeed(self.home.run("backup", folder))
        database = sqlite3.connect(self.home.vault)
        database.execute("UPDATE record SET blob = zeroblob(length(blob))")
        database.commit()
        database.close()
        outcome = self.home.run("backup", folder, "--keep", "1")
        self.assertEqual(outcome.code, 5, outcome)
        self.assertIn(b"1 version of which the digest does not fit", outcome.err)
        self.assertNotIn(b"removed \"", outcome.out)
        copies = sorted(os.listdir(folder))
        self.assertEqual(len(copies), 2)
        home = Home()
        self.addCleanup(home.remove)
        self.succeed(home.run("restore", f"{folder}/{copies[0]}", "--key-file", self.home.key))
        self.assertEqual(home.run("get", "old", "--key-file", self.home.key).out, OLD)

    def test_a_vault_without_readable_slots_gives_way_to_its_backup(self):
        self.make_vault(old=OLD)
        copy = f"{self.home.path}/copy.db"
        self.succeed(self.home.run("backup", copy))
        database = sqlite3.connect(self.home.vault)
        for table in ("slot", "slot_copy"):
            database.execute(f"UPDATE {table} SET bytes = zeroblob(224)")
        database.commit()
        database.close()
        refused = self.refuse(self.coffer("restore", copy, "--replace"), 8)
        self.assertIn(b"no key slot of the vault", refused.err)
        self.succeed(self.coffer("restore", copy, "--replace", "--yes"))
        self.assertHolds("old", OLD)


class ExportTest(CofferTest):
    VALUES = {
        "awkward": AWKWARD, "all": bytes(range(256)), "nul": b"\0", "newlines": b"\n" * 5_000,
        "utf8": "ключ ✓ \u202e\u0000\u200b".encode(), "latin": "é".encode("latin-1"),
    }

    def setUp(self):
        super().setUp()
        self.make_vault(**self.VALUES)
        self.other = Home()
        self.addCleanup(self.other.remove)
        self.succeed(self.other.run("init", "--new-key-file", self.other.key))

    def pair(self, name):
        """An identity of age and its recipient."""
        path = f"{self.home.path}/{name}"
        made = subprocess.run(["age-keygen", "-o", path], capture_output=True, check=True)
        return path, made.stderr.decode().split()[-1]

    def assertSame(self, lines):
        self.succeed(self.other.run(
            "import", "--json-lines", "-", "--key-file", self.other.key, stdin=lines))
        for name, value in self.VALUES.items():
            self.assertEqual(self.other.with_key("get", name).out, value, name)
        again = self.succeed(self.other.with_key("export", "--plain")).out
        self.assertEqual(again, lines)

    def test_what_is_exported_is_imported_byte_for_byte(self):
        self.assertSame(self.succeed(self.coffer("export", "--plain")).out)

    @needs("age", "age-keygen")
    def test_age_encrypts_to_recipients_and_gives_it_back(self):
        (first, one), (second, two) = self.pair("first"), self.pair("second")
        listed = self.home.file("recipients", f"# ours\n{two}\n".encode())
        path = f"{self.home.path}/out.age"
        self.succeed(self.coffer(
            "export", path, "--age-recipient", one, "--age-recipients-file", listed))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        opened = [subprocess.run(["age", "-d", "-i", identity, path], capture_output=True,
                                 check=True).stdout for identity in (first, second)]
        self.assertEqual(*opened)
        self.assertSame(opened[0])
        # Never over a file.
        self.refuse(self.coffer("export", path, "--age-recipient", one), 1)
        piped = self.succeed(self.coffer("export", "--age-recipient", one)).out
        self.assertEqual(subprocess.run(["age", "-d", "-i", first], input=piped,
                                        capture_output=True, check=True).stdout, opened[0])

    @needs("age")
    def test_age_asks_for_its_passphrase_on_the_terminal_itself(self):
        path = f"{self.home.path}/out.age"
        leader, follower = pty.openpty()
        process = self.home.start(
            "export", path, "--age-passphrase", "--key-file", self.home.key,
            start_new_session=True, stdin=follower, stdout=subprocess.DEVNULL, stderr=follower,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
        said = b""
        for _ in range(2):
            while b"passphrase" not in said:
                said += os.read(leader, 4_096)
            time.sleep(0.2)
            said = b""
            os.write(leader, b"of age\n")
        # Somebody has to read what is said, or it waits.
        reader = threading.Thread(target=self.drain, args=(leader,), daemon=True)
        reader.start()
        self.assertEqual(process.wait(20), 0)
        os.close(follower)
        with open(path, "rb") as file:
            self.assertTrue(file.read().startswith(b"age-encryption.org/v1\n-> scrypt"))

    @staticmethod
    def drain(leader):
        try:
            while os.read(leader, 4_096):
                pass
        except OSError:
            pass

    @needs("age")
    def test_if_age_fails_there_is_no_file(self):
        path = f"{self.home.path}/out.age"
        self.refuse(self.coffer("export", path, "--age-recipient", "age1nobody"), 1)
        self.assertFalse([name for name in os.listdir(self.home.path) if "out.age" in name])

    @needs("age", "age-keygen")
    def test_what_age_wrote_when_we_were_killed_does_not_decrypt(self):
        """It would take the end of our pipe for the end of what it is to encrypt."""
        for number in range(4):
            self.store(f"more/{number}", os.urandom(1_048_576))
        identity, recipient = self.pair("first")
        process = self.home.start(
            "export", "--age-recipient", recipient, "--key-file", self.home.key,
            stdin=subprocess.DEVNULL)
        encrypted = os.read(process.stdout.fileno(), 1_000)
        process.kill()
        encrypted += process.communicate()[0]
        opened = subprocess.run(
            ["age", "-d", "-i", identity], input=encrypted, capture_output=True)
        self.assertNotEqual(opened.returncode, 0)

    def test_whoever_encrypts_and_outlives_us_reads_an_error_for_an_end(self):
        """Killing it is not enough: it may be quicker, or another process of its may read."""
        self.store("more", os.urandom(1_048_576))
        for kill, expected in ((True, b"1"), (False, b"0")):
            with self.subTest(kill=kill):
                folder = self.home.folder(f"bin-{kill}")
                self.home.file(f"bin-{kill}/age", (
                    "#!/bin/sh\nexec 3<&0\ncd %s\nsetsid sh -c '"
                    "touch begun; while [ ! -e go ]; do sleep 0.05; done;"
                    " cat >/dev/null 2>/dev/null; echo $? >code.new; mv code.new code' <&3 &\n"
                    "wait\n" % folder).encode(), mode=0o700)
                process = self.home.start(
                    "export", "--age-recipient", "age1", "--key-file", self.home.key,
                    stdin=subprocess.DEVNULL,
                    extra={"PATH": f"{folder}:{os.environ['PATH']}"})
                wait_until(lambda: os.path.exists(f"{folder}/begun"), "its start")
                if kill:
                    process.kill()
                    process.wait()
                open(f"{folder}/go", "w").close()
                wait_until(lambda: os.path.exists(f"{folder}/code"), "its end")
                process.communicate()
                with open(f"{folder}/code", "rb") as code:
                    self.assertEqual(code.read().strip(), expected)

    def test_what_a_kill_left_of_an_export_is_not_imported_as_all_of_it(self):
        """The reader sees the end of a pipe, whoever ended it."""
        for number in range(8):
            self.store(f"more/{number}", os.urandom(1_048_576))
        process = self.home.start("export", "--plain", "--key-file", self.home.key,
                                  stdin=subprocess.DEVNULL)
        lines = process.stdout.readline() + process.stdout.readline()
        process.kill()
        lines += process.communicate()[0]
        whole = lines[:lines.rindex(b"\n") + 1]
        taken = self.other.with_key("import", "--json-lines", "-", stdin=whole)
        self.succeed(taken)
        self.assertIn(b"do not say how many", taken.err)

    @needs("age", "age-keygen", "strace")
    def test_a_killed_export_leaves_nothing(self):
        _, recipient = self.pair("identity")
        outcome, _ = traced(
            self.home, ["export", f"{self.home.path}/out.age", "--age-recipient", recipient,
                        "--key-file", self.home.key], b"", "fsync:signal=KILL:when=1")
        self.assertEqual(outcome.code, -9, outcome)
        self.assertFalse([name for name in os.listdir(self.home.path) if "out.age" in name])

    @needs("age", "age-keygen", "strace")
    def test_plain_text_is_in_no_file_on_the_way(self):
        _, recipient = self.pair("identity")
        self.store("marked", b"a-secret-that-is-looked-for")
        path = f"{self.home.path}/out.age"
        outcome, trace = traced(
            self.home, ["export", path, "--age-recipient", recipient, "--key-file", self.home.key],
            trace="openat,write,pwrite64,execve", options=["-s", "4096", "-y"])
        self.succeed(outcome)
        for name, rest in trace.calls("write", "pwrite64", "execve"):
            if "a-secret-that-is-looked-for" in rest:
                self.assertEqual(name, "write")
                self.assertRegex(rest, r"^\d+<socket:")
        written = [path for path, flags, _ in opened_paths(trace) if "O_CREAT" in flags]
        self.assertFalse([path for path in written if "/tmp" in path], written)

    def test_an_export_is_entered_before_its_first_value_leaves(self):
        process = self.home.start("export", "--plain", "--key-file", self.home.key,
                                  stdin=subprocess.DEVNULL)
        self.assertTrue(process.stdout.read(1))
        entered = wait_until(
            lambda: b'"export"' in self.coffer("audit log", "--json").out, "the entry")
        self.assertTrue(entered)
        process.kill()
        process.communicate()

    def test_a_reader_that_goes_away_is_an_error_and_no_crash(self):
        read, write = os.pipe()
        os.close(read)
        outcome = self.home.run("export", "--plain", "--key-file", self.home.key, stdout=write)
        os.close(write)
        self.assertEqual(outcome.code, 9, outcome)

    def test_the_largest_value_goes_there_and_back(self):
        largest = [os.urandom(16 * 1_048_576), b"\n" * 1_048_576]
        for number, value in enumerate(largest):
            self.store(f"large/{number}", value)
        lines = self.succeed(self.coffer("export", "--plain", "--prefix", "large/")).out
        self.succeed(self.other.run(
            "import", "--json-lines", "-", "--key-file", self.other.key, stdin=lines))
        for number, value in enumerate(largest):
            self.assertEqual(self.other.with_key("get", f"large/{number}").out, value)

    def test_a_damaged_secret_is_named_and_the_others_are_exported(self):
        self.home.folder("damaged")
        database = sqlite3.connect(self.home.vault)
        number, = database.execute("SELECT max(id) FROM record").fetchone()
        database.execute(
            "UPDATE record SET blob = zeroblob(length(blob)) WHERE id = ?", (number,))
        database.commit()
        database.close()
        outcome = self.coffer("export", "--plain")
        self.assertEqual(outcome.code, 5, outcome)
        lines = outcome.out.splitlines()
        self.assertEqual(len(lines), len(self.VALUES))
        self.assertEqual(lines[-1], b'{"exported":%d}' % (len(self.VALUES) - 1))
        self.assertIn(b'version 1 of "latin"', outcome.err)
        self.assertIn(b"5 secrets could be exported", outcome.err)


if __name__ == "__main__":
    unittest.main()
