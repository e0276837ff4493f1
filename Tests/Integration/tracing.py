# Runs under strace: what the program asked of the kernel, and faults put in its way.

import os
import re
import tempfile

from support import Home

# The calls by which the program changes files, and their writing to people.
CALLS = (
    "openat", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "renameat2")

CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)$")


class Trace:
    """The lines that strace wrote."""

    def __init__(self, text):
        self.lines = text.splitlines()

    def calls(self, *names):
        """(name, rest of the line) of every call, in order, of these names if any are given."""
        found = (CALL.match(line) for line in self.lines)
        pairs = [match.groups() for match in found if match]
        return [pair for pair in pairs if not names or pair[0] in names]

    def count(self, name):
        return len(self.calls(name))

    def place(self, *parts):
        """The number of the first line that holds all parts, or None."""
        for number, line in enumerate(self.lines):
            if all(part in line for part in parts):
                return number
        return None


def traced(home: Home, words, stdin=b"", inject=None, trace="all", options=(), **more):
    """Runs the binary under strace; returns its outcome and the trace."""
    with tempfile.NamedTemporaryFile(dir=home.path, prefix="strace-") as log:
        under = ["strace", "-f", "-qq", "-o", log.name, "-e", f"trace={trace}", *options]
        for fault in [inject] if isinstance(inject, str) else inject or []:
            under += ["-e", f"inject={fault}"]
        outcome = home.run(*words, stdin=stdin, under=under, **more)
        with open(log.name, errors="replace") as file:
            return outcome, Trace(file.read())


def opened_paths(trace):
    """(path, flags, succeeded) of every file that was opened or made."""
    found = []
    for _, rest in trace.calls("openat", "open", "creat"):
        match = re.match(r'(?:\S+, )?"((?:[^"\\]|\\.)*)"(?:, ([A-Z_|0-9]+))?.*= (-?\d+)', rest)
        if match:
            found.append((match[1], match[2] or "", int(match[3]) >= 0))
    return found


def counts(home, words, stdin, names):
    """How often each call happens in a run without faults; the run changes the home."""
    outcome, trace = traced(home, words, stdin, trace=",".join(names))
    if outcome.code != 0:
        raise AssertionError(f"the run without faults fails: {outcome}")
    return {name: trace.count(name) for name in names}


def is_reading_standard_input(pid):
    """Whether a process waits in read(0, …)."""
    return proc(pid, "syscall").startswith(b"0 0x0 ")


def proc(pid, name):
    """A file of a process, as bytes."""
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()


def descriptors(pid):
    """What each descriptor of a process is."""
    folder = f"/proc/{pid}/fd"
    return {int(number): os.readlink(f"{folder}/{number}") for number in os.listdir(folder)}
