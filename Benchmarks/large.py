#!/usr/bin/env python3
"""Measures what must stay cheap in a large vault: a million secrets, a million entries in the log.

    COFFER=.build-release/release/coffer python3 Benchmarks/large.py [--secrets N] [--entries N]

The log is written by the reference writer of the tests, in the place of the one that is there: a
million commands would take hours. Needs about 3 GB of disk, and some minutes.
"""

import argparse
import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import TRUE_OF_TARGETS, Report, Vault
from stopwatch import Stopwatch

TESTS = Path(__file__).resolve().parent.parent / "Tests"
sys.path[:0] = [str(TESTS / "Reference"), str(TESTS / "Integration")]

import auditdetail  # noqa: E402
import logwriter  # noqa: E402
import primitives as p  # noqa: E402
import root_key  # noqa: E402
import writer  # noqa: E402
from logwriter import u  # noqa: E402

READ, DONE = 3, 0
FROM_SHELL = (1, logwriter.chain(
    (4_242, 0, b"/usr/local/bin/coffer"), (4_100, 0, b"/usr/bin/terraform"),
    (4_000, 0, b"/usr/bin/bash")))


def signing_key(number):
    return hashlib.sha256(b"benchmark" + u(64, number)).digest()


class LargeLog:
    """A log of reads of the secrets that a vault has, under its own keys."""

    def __init__(self, vault: Vault):
        self.path = vault.path
        root = root_key.root_key(str(vault.path), key_file=str(vault.key))
        header = root_key.slots(str(vault.path))[0]
        self.id, self.epoch = header[8:24], int.from_bytes(header[24:28], "big")
        key = lambda label: p.subkey(root, self.id, self.epoch, label)
        self.metadata, self.audit, self.state = key("meta"), key("audit"), key("state")

    def names(self, connection):
        """(record, name) of every secret."""
        for rid, revision, blob in connection.execute("SELECT rid, revision, blob FROM metadata"):
            context = p.metadata_context(self.id, self.epoch, rid, revision)
            encoded = p.unpadded(p.open_sealed(self.metadata, context, blob))
            yield rid, encoded[4:4 + int.from_bytes(encoded[:4], "big")]

    def detail(self, number, name):
        encoded = logwriter.detail(
            FROM_SHELL, (2, b"/dev/pts/3"), (4, b"/srv/deploy"), (7, name), (9, u(32, 1)))
        context = auditdetail.context(self.id, self.epoch, number)
        return u(8, auditdetail.UNDER_KEY) + u(32, self.epoch) + writer.sealed(
            self.audit, context, writer.padded(encoded), secrets.token_bytes(24))

    def write(self, count, seal_every):
        """Puts `count` entries, a seal behind every so many, in the place of the log."""
        log = logwriter.LogWriter(self.id, signing_key)
        began = int(time.time() * 1_000) - count * 100
        connection = sqlite3.connect(self.path)
        names = list(self.names(connection))
        for number in range(count):
            rid, name = names[number * 7_919 % len(names)]
            log.append(began + number * 100, READ, DONE, 1_000, 4_242, rid,
                       self.detail(number, name))
            if number % seal_every == seal_every - 1 or number == count - 1:
                log.seal()
        log.write(connection)
        self.follow(connection, log)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def follow(self, connection, log):
        """Has the head know the log."""
        head = bytearray(connection.execute("SELECT bytes FROM head").fetchone()[0])
        head[155:203] = u(64, log.seals) + u(64, len(log.rows)) + log.tip
        code = root_key.hmac.digest(self.state, bytes(head), "sha256")
        connection.execute("UPDATE head SET bytes = ?, mac = ?", (bytes(head), code))


def timed(words):
    start = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def measure_secrets(watch, small, large, report):
    words = {f"{vault.size}": vault.command("get", vault.middle) for vault in (small, large)}
    medians = watch.medians(words)
    growth = medians[f"{large.size}"] / medians[f"{small.size}"]
    report.say(f"get at {large.size:,} to get at {small.size:,}", f"{growth:.2f} x",
               "at most 1.25", growth <= 1.25)
    most = 60 * slowness(watch)
    seconds = timed(large.command("audit", "verify"))
    report.say(f"audit verify, {large.size:,} secrets", f"{seconds:.1f} s",
               f"under {most:.0f} s (60 s)", seconds < most)
    print(f"  {f'list of {large.size:,} names':<46}{timed(large.command('list')):>16.2f} s")


def slowness(watch):
    """How much longer /bin/true takes in this run than where the targets were set."""
    return watch.medians({"true": ["/bin/true"]})["true"] / TRUE_OF_TARGETS


def measure_log(watch, vault, entries, seal_every, report):
    LargeLog(vault).write(entries, seal_every)
    # What was seen of the vault before is another log.
    for name in os.listdir(f"{os.environ['XDG_STATE_HOME']}/coffer"):
        os.unlink(f"{os.environ['XDG_STATE_HOME']}/coffer/{name}")
    what = f"{entries:,} entries, a seal every {seal_every}"
    most = 60 * slowness(watch)
    seconds = timed(vault.command("audit", "verify"))
    report.say(f"verify, {what}", f"{seconds:.1f} s", f"under {most:.0f} s (60 s)",
               seconds < most)
    seconds = timed(vault.command("audit", "log", "--name", vault.middle))
    report.say("audit log --name, as many entries", f"{seconds:.2f} s", "under 1 s", seconds < 1)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--secrets", type=int, default=1_000_000)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    options = arguments.parse_args()
    coffer = str(Path(os.environ.get("COFFER", ".build-release/release/coffer")).resolve())
    report = Report()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        os.environ["XDG_STATE_HOME"] = home
        watch = Stopwatch(Path(home), rounds=5, runs=20)
        print("coffer, release build, large vaults", flush=True)
        small = Vault(coffer, Path(home), 1_000)
        large = Vault(coffer, Path(home), options.secrets)
        measure_secrets(watch, small, large, report)
        for seal_every in (16, 1):
            measure_log(watch, small, options.entries, seal_every, report)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
