# A home of its own for every test, and the binary run in it.
#
# Every home is a private directory in memory (/dev/shm if there is one), so that `run --file` finds
# tmpfs under XDG_RUNTIME_DIR and syncs cost nothing.

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COFFER = str((ROOT / os.environ.get("COFFER", ".build-release/release/coffer")).resolve())
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# The longest that any single run may take; more is a hang.
PATIENCE = 10

# Whether to take as long as it takes: `make torture`.
TORTURE = bool(os.environ.get("COFFER_TORTURE"))

# What shells, parsers and terminals trip over; not one byte of it may change.
AWKWARD = (
    b"SECRETPART \"quote\" 'single' $HOME ${x} $(id) #hash }brace{ \\back `tick` %s\n"
    b"second line\ttab, comma; & | < > ! ~\n\nTAIL"
)

as_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


def needs(*programs):
    """Skips a test, and says so, where a program is missing."""
    missing = [name for name in programs if shutil.which(name) is None]
    return unittest.skipIf(missing, "needs " + ", ".join(missing))


def wait_until(condition, what, seconds=PATIENCE):
    """Polls until `condition` gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.005)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class Outcome:
    """How a run ended; `code` is negative if a signal ended it."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}, out {self.out[:300]!r}, err {self.err[:600]!r}"


class Home:
    """A private directory with all that a run needs: a vault, its key file, an environment."""

    def __init__(self, where=IN_MEMORY):
        self.path = tempfile.mkdtemp(prefix="coffer-test-", dir=where)
        os.chmod(self.path, 0o700)
        self.vault = f"{self.path}/vault/v.db"
        self.key = f"{self.path}/key"
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.environment |= {"HOME": self.path, "COFFER_VAULT": self.vault}
        for name in ("DATA", "CONFIG", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = self.folder(name.lower())
        self.environment["XDG_RUNTIME_DIR"] = self.folder("runtime")

    @property
    def has_vault(self):
        return os.path.exists(self.vault)

    def forget(self):
        """Removes what this home remembers of vaults."""
        shutil.rmtree(f"{self.path}/state/coffer", ignore_errors=True)

    def age_newest_seal(self, milliseconds):
        """Lets the newest seal of the log have been made so long ago."""
        connection = sqlite3.connect(self.vault, isolation_level=None)
        moment = time.time_ns() // 1_000_000 - milliseconds
        connection.execute("UPDATE audit_tip SET sealed = ?", (moment,))
        connection.close()

    def folder(self, name):
        path = f"{self.path}/{name}"
        os.makedirs(path, mode=0o700, exist_ok=True)
        return path

    def file(self, name, content, mode=0o600):
        path = f"{self.path}/{name}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def remove(self):
        shutil.rmtree(self.path)

    def copy_vault(self, name):
        """Another copy of the vault, in a directory of its own."""
        copy = f"{self.folder(name)}/v.db"
        shutil.copyfile(self.vault, copy)
        os.chmod(copy, 0o600)
        return copy

    def start(self, *words, **options):
        """Starts the binary; pipes on all three streams unless `options` say otherwise."""
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, subprocess.PIPE)
        environment = self.environment | options.pop("extra", {})
        prefix = options.pop("under", [])
        return subprocess.Popen(
            [*prefix, COFFER, *words], env=environment, cwd=self.path, **options
        )

    def run(self, *words, stdin=b"", **options):
        """Runs the binary to its end."""
        if isinstance(stdin, int):
            options["stdin"], stdin = stdin, None
        process = self.start(*words, **options)
        try:
            out, err = process.communicate(stdin, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"hangs: {words}") from None
        return Outcome(process.returncode, out or b"", err or b"")

    def with_key(self, verb, *words, **options):
        """Runs a verb, of one word or two, on the vault with its key file."""
        verb, *rest = verb.split()
        words = (*rest, *words)
        end = words.index("--") if "--" in words else len(words)
        key = ("--key-file", self.key)
        return self.run(verb, *words[:end], *key, *words[end:], **options)


class CofferTest(unittest.TestCase):
    """A test with a home."""

    @classmethod
    def setUpClass(cls):
        if not os.access(COFFER, os.X_OK):
            raise AssertionError(f"no binary at {COFFER}: build it or set COFFER")

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.remove)

    def make_vault(self, **secrets):
        """A vault that a key file opens, with these secrets in it."""
        self.succeed(self.home.run("init", "--new-key-file", self.home.key))
        for name, value in secrets.items():
            self.store(name, value)

    def make_passphrase_vault(self, passphrase, **secrets):
        """A vault that this passphrase opens, at the smallest cost, and a key file too."""
        self.passphrase_file = self.home.file("passphrase", passphrase)
        self.succeed(
            self.home.run(
                "init", "--new-key-file", self.home.key, "--kdf-memory", "64MiB",
                "--passphrase-file", self.passphrase_file,
            )
        )
        for name, value in secrets.items():
            self.store(name, value)

    def store(self, name, value, *words):
        self.succeed(self.home.with_key("capture", name, "--stdin", *words, stdin=value))

    def coffer(self, verb, *words, **options):
        return self.home.with_key(verb, *words, **options)

    def succeed(self, outcome):
        self.assertEqual(outcome.code, 0, outcome)
        return outcome

    def refuse(self, outcome, *codes):
        """Asserts an exit code, a complaint in the program's own words, and no output."""
        self.assertIn(outcome.code, codes, outcome)
        self.assertEqual(outcome.out, b"", outcome)
        self.assertIn(b"coffer: error: ", outcome.err, outcome)
        return outcome

    def assertHolds(self, name, value, **options):
        """Asserts that the vault gives exactly this value."""
        outcome = self.succeed(self.coffer("get", name, **options))
        self.assertEqual(outcome.out, value)

    def names(self, **options):
        return self.succeed(self.coffer("list", **options)).out.decode().split()
