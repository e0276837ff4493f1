# A process that stops at every system call, so that its memory can be read where it matters.
#
# ptrace(2) by hand: strace has no way to stop a process for as long as one likes. The binary makes
# itself unreadable for processes of the same user (PR_SET_DUMPABLE), so all of this needs root.

import base64
import ctypes
import os
import signal
import struct
import subprocess

from support import COFFER

TRACEME, CONT, SYSCALL, SETOPTIONS, GET_SYSCALL_INFO = 0, 7, 24, 0x4200, 0x420E
TRACESYSGOOD, EXITKILL = 1, 0x100000
WRITE, CLOSE, FDATASYNC, EXIT_GROUP = "write", "close", "fdatasync", "exit_group"
NUMBERS = {
    "x86_64": {0: "read", 1: WRITE, 3: CLOSE, 75: FDATASYNC, 231: EXIT_GROUP},
    "aarch64": {63: "read", 64: WRITE, 57: CLOSE, 83: FDATASYNC, 94: EXIT_GROUP},
}.get(os.uname().machine)

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, pid=0, address=None, data=None):
    result = libc.ptrace(request, pid, address, data)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


class Frozen:
    """The binary under our control, stopped before its first instruction."""

    def __init__(self, home, words, stdin=b"", stdout=subprocess.PIPE):
        reader, writer = os.pipe()
        os.write(writer, stdin)
        os.close(writer)
        self.process = subprocess.Popen(
            [COFFER, *words], env=home.environment, cwd=home.path, stdin=reader, stdout=stdout,
            stderr=subprocess.PIPE, preexec_fn=lambda: ptrace(TRACEME),
        )
        os.close(reader)
        self.pid = self.process.pid
        self.has_ended = False
        self._wait()
        ptrace(SETOPTIONS, self.pid, None, TRACESYSGOOD | EXITKILL)

    def _wait(self):
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSTOPPED(status):
            return os.WSTOPSIG(status)
        self.has_ended = True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return None

    def calls(self):
        """Stops before every system call; yields (its name or None, its first argument)."""
        information = ctypes.create_string_buffer(88)
        pending = 0
        while True:
            ptrace(SYSCALL, self.pid, None, pending)
            stop = self._wait()
            if stop is None:
                return
            is_call = stop == signal.SIGTRAP | 0x80
            pending = 0 if is_call or stop == signal.SIGTRAP else stop
            if not is_call:
                continue
            ptrace(GET_SYSCALL_INFO, self.pid, 88, ctypes.addressof(information))
            kind = information.raw[0]
            if kind == 1:  # PTRACE_SYSCALL_INFO_ENTRY
                number, first = struct.unpack_from("=QQ", information.raw, 24)
                yield NUMBERS.get(number), first

    def stop_at(self, name, first=None):
        """Goes on to the next call of this name, with this first argument if one is given."""
        for called, argument in self.calls():
            if called == name and first in (None, argument):
                return self
        raise AssertionError(f"ended without {name}: {self.process.returncode}")

    def finish(self):
        """Lets it end; returns its exit code, output and errors."""
        for _ in self.calls():
            pass
        return self.process.returncode, self.process.stdout.read(), self.process.stderr.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.has_ended:
            self.process.kill()
            self._wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def shapes(value):
    """A value as itself and in the encodings in which copies of it turn up: name → bytes."""
    found = {"raw": value, "hex": value.hex().encode(), "HEX": value.hex().upper().encode()}
    for shift in range(3):
        # What surrounds a value changes the first and the last characters of its base 64.
        text = base64.b64encode(bytes(shift) + value + bytes(3))
        found[f"base64+{shift}"] = text[(0, 2, 3)[shift] : (shift + len(value)) * 4 // 3]
    found["UTF-16LE"] = b"".join(bytes([byte, 0]) for byte in value)
    found["UTF-16BE"] = b"".join(bytes([0, byte]) for byte in value)
    return found


class Region:
    """A readable mapping and its content."""

    def __init__(self, pid, line, content):
        self.pid, self.line, self.content = pid, line, content

    @property
    def is_locked(self):
        """Locked into memory and left out of core dumps."""
        with open(f"/proc/{self.pid}/smaps") as smaps:
            entries = iter(smaps)
            for entry in entries:
                if entry.strip() == self.line:
                    break
            flags = next(entry for entry in entries if entry.startswith("VmFlags:"))
        return {"lo", "dd"} <= set(flags.split())


def memory(pid, access="r", largest=1 << 40):
    """Every mapping of a process that it can access so, up to a size."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as content:
        for line in maps:
            if line.split()[1].startswith(access):
                start, end = (int(part, 16) for part in line.split()[0].split("-"))
                if end - start <= largest:
                    yield Region(pid, line.strip(), read_region(content, start, end))


def read_region(content, start, end):
    try:
        content.seek(start)
        return content.read(end - start)
    except (OSError, OverflowError):  # [vvar] and [vsyscall] belong to the kernel
        return b""


def find(pid, **secrets):
    """(secret, shape, mapping) of everything that is found in a process."""
    wanted = {(name, shape): bytes_ for name, value in secrets.items()
              for shape, bytes_ in shapes(value).items()}
    return [
        (*key, region)
        for region in memory(pid)
        for key, bytes_ in wanted.items()
        if bytes_ in region.content
    ]


def describe(hits):
    return [f"{name} ({shape}) in {region.line}" for name, shape, region in hits]
