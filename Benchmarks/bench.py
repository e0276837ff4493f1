#!/usr/bin/env python3
"""Measures coffer's release binary as whole processes, as ratios to /bin/true in the same run.

    COFFER=.build-release/release/coffer python3 Benchmarks/bench.py [--agent] [--peers] [--quick]

Absolute times depend on the machine and are noise; the ratios and the sizes are what counts. A
target that is a time holds where /bin/true takes 0.75 ms, and is stretched by what it takes in this
run. A target that is missed is marked and makes the exit code 1. With --peers the same work is done
by the peers that Debian ships, in the same run.
"""

import argparse
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agents import measure_agents
from peers import compare
from stopwatch import Stopwatch

SIZES = (10, 1_000, 100_000)
TRUE_OF_TARGETS = 0.75e-3  # seconds of /bin/true where the targets that are times were set
KIB = 1024


def secret_lines(count: int):
    """Secrets of the kind people have: a path, three public fields, a 40-character secret."""
    for number in range(count):
        yield json.dumps({
            "name": f"team{number % 97}/service{number % 1009}/key{number}",
            "issuer": "zpa",
            "fields": {"client_id": f"id-{number:09d}", "customer_id": "216196257331281920",
                       "session_validity": "3600"},
            "secrets": {"client_secret": secrets.token_urlsafe(30)},
        })


class Vault:
    """A vault of `size` secrets that a raw key opens."""

    def __init__(self, coffer: str, home: Path, size: int):
        self.coffer, self.size = coffer, size
        self.path, self.key = home / f"{size}.db", home / f"{size}.key"
        self.source = home / f"{size}.jsonl"
        self.source.write_text("\n".join(secret_lines(size)) + "\n")
        self.remake()

    def command(self, *words: str) -> list[str]:
        return [self.coffer, *words, "--vault", str(self.path), "--key-file", str(self.key)]

    def remake(self) -> float:
        """Seconds of the import on one core into a new vault."""
        for path in (self.path, self.key):
            path.unlink(missing_ok=True)
        subprocess.run(
            [self.coffer, "init", "--vault", self.path, "--new-key-file", self.key,
             "--no-recovery"], check=True, capture_output=True)
        start = time.monotonic()
        subprocess.run(
            ["taskset", "-c", "0", *self.command("import", "--json-lines", str(self.source))],
            check=True, capture_output=True)
        return time.monotonic() - start

    @property
    def middle(self) -> str:
        number = self.size // 2
        return f"team{number % 97}/service{number % 1009}/key{number}"


class Report:
    """Prints a line a figure and counts the targets that were missed."""

    def __init__(self):
        self.missed = 0

    def say(self, what: str, figure: str, target: str, met: bool):
        self.missed += not met
        print(f"  {what:<46}{figure:>18}   {target}{'' if met else '   MISSED'}", flush=True)


def measure_start_and_get(watch: Stopwatch, vaults: list[Vault], coffer: str, report: Report):
    commands = {"true": ["/bin/true"], "version": [coffer, "--version"]}
    for vault in vaults:
        commands[f"get {vault.size}"] = vault.command("get", vault.middle)
    medians = watch.medians(commands)
    true = medians["true"]
    ratio = medians["version"] / true
    report.say("coffer --version", f"{ratio:.2f} x true", "at most 3", ratio <= 3)
    for vault in vaults:
        ratio = medians[f"get {vault.size}"] / true
        report.say(f"cold get, raw key, {vault.size:,} secrets", f"{ratio:.2f} x true",
                   "at most 10", ratio <= 10)
    growth = medians[f"get {SIZES[-1]}"] / medians[f"get {SIZES[0]}"]
    report.say("get at 100,000 to get at 10", f"{growth:.2f} x", "at most 1.25", growth <= 1.25)


def measure_capture(watch: Stopwatch, vaults: list[Vault], report: Report):
    """Whole processes with a raw key, so without key derivation, each with its fdatasync."""
    value = watch.home / "value"
    value.write_text(secrets.token_urlsafe(30))

    def reading_it(words: list[str]) -> list[str]:
        return ["sh", "-c", f"exec {shlex.join(words)} <{value}"]

    commands = {"true": reading_it(["/bin/true"])}
    for vault in vaults:
        commands[f"capture {vault.size}"] = reading_it(vault.command(
            "capture", "bench/new", "--stdin", "--replace"))
        subprocess.run(vault.command("capture", "bench/new", "--stdin"), check=True,
                       capture_output=True, input=value.read_bytes())
    medians = watch.medians(commands)
    most = 6 * medians["true"] / TRUE_OF_TARGETS
    for vault in vaults:
        beyond = (medians[f"capture {vault.size}"] - medians["true"]) * 1_000
        report.say(f"durable capture beyond the KDF, {vault.size:,}", f"{beyond:.1f} ms",
                   f"at most {most:.1f} ms (6 ms)", beyond <= most)


def measure_many(watch: Stopwatch, vault: Vault, report: Report):
    rate = max(vault.size / vault.remake() for _ in range(watch.rounds))
    medians = watch.medians({"true": ["/bin/true"], "list": vault.command("list")}, runs=3)
    slowness = medians["true"] / TRUE_OF_TARGETS
    report.say("import, one core, 100,000", f"{rate:,.0f} a second",
               f"at least {25_000 / slowness:,.0f} (25,000)", rate >= 25_000 / slowness)
    seconds = medians["list"]
    report.say("list of 100,000 names", f"{seconds:.2f} s", f"under {slowness:.2f} s (1 s)",
               seconds < slowness)
    size = vault.path.stat().st_size / vault.size
    report.say("bytes of file a secret", f"{size:.0f}", "at most 700", size <= 700)


def measure_log(watch: Stopwatch, vault: Vault, report: Report):
    """What the log costs: a get within a second of the last seal, and one that seals."""
    words = {"true": ["/bin/true"], "get": vault.command("get", vault.middle)}
    burst = watch.medians(words)
    alone = {name: [] for name in words}
    for _ in range(5 if watch.rounds < 5 else 15):
        time.sleep(1.05)
        for name, command in words.items():
            start = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            alone[name].append(time.monotonic() - start)
    median = {name: sorted(times)[len(times) // 2] for name, times in alone.items()}
    print(f"  {'get, 1,000 secrets, not sealing':<46}{burst['get'] / burst['true']:>11.2f} x true")
    print(f"  {'get, 1,000 secrets, sealing':<46}{median['get'] / median['true']:>11.2f} x true")
    start = time.monotonic()
    subprocess.run(vault.command("audit", "verify"), check=True, stdout=subprocess.DEVNULL)
    print(f"  {'audit verify, 1,000 secrets':<46}{time.monotonic() - start:>11.2f} s")


def measure_sizes(coffer: str, vaults: list[Vault], report: Report):
    for vault in vaults:
        # A program of its own: a child of ours would count our memory too.
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *vault.command("get", vault.middle)],
                              capture_output=True, check=True, text=True)
        peak = int(done.stderr) / KIB
        report.say(f"peak memory of a get, {vault.size:,}", f"{peak:.1f} MiB", "under 32 MiB",
                   peak < 32)
    size = os.stat(coffer).st_size / 1e6
    report.say("the binary, static and stripped", f"{size:.1f} MB", "under 30 MB", size < 30)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peers", action="store_true", help="the peers that Debian ships too")
    arguments.add_argument("--agent", action="store_true", help="only what an agent keeps open")
    arguments.add_argument("--quick", action="store_true", help="fewer runs, more noise")
    options = arguments.parse_args()
    coffer = str(Path(os.environ.get("COFFER", ".build-release/release/coffer")).resolve())
    report = Report()
    # On the disk, not in memory: a capture's fdatasync has to reach something.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        # As it is installed: a linker leaves its file in pieces, which are read in more steps.
        (Path(home) / "bin").mkdir()
        coffer = shutil.copy(coffer, f"{home}/bin/coffer")
        # What is seen of these vaults is nobody's business afterwards.
        os.environ["XDG_STATE_HOME"] = home
        watch = Stopwatch(Path(home), rounds=2 if options.quick else 5,
                          runs=10 if options.quick else 20)
        if options.agent:
            kept = [Vault(coffer, Path(home), size) for size in (100, 10_000, 100_000)]
            measure_agents(watch, kept, report)
            return 1 if report.missed else 0
        vaults = [Vault(coffer, Path(home), size) for size in SIZES]
        print("coffer, release build, whole processes")
        measure_start_and_get(watch, vaults, coffer, report)
        measure_capture(watch, vaults, report)
        measure_many(watch, vaults[-1], report)
        measure_log(watch, vaults[1], report)
        measure_sizes(coffer, vaults, report)
        if options.peers:
            compare(watch, coffer)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
