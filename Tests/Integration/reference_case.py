"""What the tests of the reference reader share: a home, the program and the reader side by side."""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Reference"))

import reader  # noqa: E402
import tree  # noqa: E402
import writer  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("COFFER", ROOT / ".build-release/release/coffer"))
SPEC = ROOT / "docs/spec/vault-format.md"
LOG_SPEC = ROOT / "docs/spec/audit-log.md"
VECTORS = ROOT.parent / "shared/vectors"

# What the verifier finds, and how the program says the same.
TOLD = (
    (r"entry (\d+): not there", "entry {} is missing"),
    (r"entry (\d+): does not fit its link", "entry {} is not what was written"),
    (r"entry (\d+): its seal is not by the key of seal \d+",
     "the seal behind entry {} is not by the key that was to sign it"),
    (r"entry (\d+): a change that the head does not have",
     "entry {} tells of a change that the vault does not have"),
    (r"another signing key()", "the signing key is another than the last seal names"),
    (r"the log is not that of the head()", "before what is said of it"),
    (r"the log ends elsewhere()", "before what is said of it"),
    (r"the index does not list every entry()", "its index does not list every entry"),
    (r"the log of another first key()",
     "the vault is older than last seen (it went on from an older copy)"),
    (r"not the vault of the receipt()", "the vault is not what the receipt says"))


class ReferenceCase(unittest.TestCase):
    """A private home with nothing in it."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="coffer-reference-")
        self.addCleanup(shutil.rmtree, self.home)
        self.vault = f"{self.home}/v/vault.db"
        self.key = f"{self.home}/key"
        self.state = f"{self.home}/.local/state/coffer"

    def coffer(self, *words, data=None, code=0, key=None):
        """Runs the program; `key` is how the vault is opened, the key file unless given."""
        result = self.attempt(*words, data=data, key=key)
        self.assertEqual(result.returncode, code, (words, result.stderr))
        return result.stdout

    def attempt(self, *words, data=None, key=None):
        opening = ["--key-file", self.key] if key is None else key
        return subprocess.run(
            [PROGRAM, *words, "--vault", self.vault, *opening], input=data, capture_output=True,
            timeout=60, cwd=self.home,
            env={"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def make(self, *words):
        """A vault with a key file."""
        self.coffer("init", "--new-key-file", self.key, *words, key=[])

    def imported(self, *entries):
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        self.coffer("import", "--json-lines", "-", "--replace", data=text.encode())

    def read(self, *words, key_file=None):
        """The reader's exit code and output, opened with a key file."""
        code, output, _ = reader.run(
            [self.vault, "--key-file", key_file or self.key, "--state", self.state, *words])
        return code, output

    def read_with_passphrase(self, passphrase, *words):
        source, sink = os.pipe()
        os.write(sink, passphrase)
        os.close(sink)
        code, output, _ = reader.run([
            self.vault, "--passphrase-fd", str(source), "--state", self.state, *words])
        return code, output

    def verify(self, *words):
        """The verifier's exit code, which is the program's, and what it says, without a key."""
        code, output, complaint = reader.run(
            [self.vault, "--state", self.state, *words, "verify"])
        theirs = self.attempt("audit", "verify", "--locked", *words, key=[])
        self.assertEqual(theirs.returncode, code, (theirs.stderr, complaint))
        self.assertToldAlike(complaint, theirs.stderr.decode().partition("\n")[0])
        return code, output.decode() + complaint

    def assertToldAlike(self, complaint, line):
        """The program names what the verifier does."""
        for pattern, words in TOLD:
            if found := re.search(pattern + "$", complaint):
                self.assertRegex(line, "^coffer: error: .*" + re.escape(words.format(found[1])))

    def log(self):
        """The lines of a log that verifies."""
        code, output, complaint = reader.run(
            [self.vault, "--key-file", self.key, "--state", self.state, "log"])
        self.assertEqual(code, 0, complaint)
        return output.decode().splitlines()

    def forget(self):
        """Removes what this machine remembers of vaults."""
        shutil.rmtree(self.state, ignore_errors=True)

    def agree(self, *words, code=0, output=None):
        """Both answer with `code` and, if it is 0, with the same bytes."""
        theirs = self.attempt(*words)
        ours = self.read(*words)
        self.assertEqual((theirs.returncode, ours[0]), (code, code), (words, theirs.stderr))
        self.assertEqual(theirs.stdout, ours[1], words)
        if output is not None:
            self.assertEqual(ours[1], output, words)

    def edit(self, *statements):
        """Plays someone who can write the file; a statement may come with its values."""
        with self.connected() as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for statement in statements:
                sql, *values = (statement,) if isinstance(statement, str) else statement
                connection.execute(sql, values)

    def connected(self):
        return Connected(self.vault)

    def metadata(self, name):
        """What the reader finds, in the form of the program's JSON."""
        key = reader.p.raw_key(pathlib.Path(self.key).read_bytes())
        with reader.Container(self.vault) as container:
            return reader.Vault(container, reader.RAW_KEY, key).find(name)[1]


class Connected:
    """A connection of Python's own, closed at the end."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self):
        return self.connection

    def __exit__(self, *_):
        self.connection.close()


class ExampleCase(ReferenceCase):
    """The vault of the worked example, whose root key is known: rows can be sealed anew."""

    def setUp(self):
        super().setUp()
        os.mkdir(f"{self.home}/v", 0o700)
        self.example = writer.Example()
        self.example.make(self.vault)
        with open(os.open(self.key, os.O_CREAT | os.O_WRONLY, 0o600), "w") as sink:
            sink.write("coffer-key-1:" + writer.p.raw_key_text(writer.RAW_KEY) + "\n")
