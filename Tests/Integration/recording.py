# What a command did to the files of its home, from a trace of its calls, done again on a `Disk`.

import os
import re

from disk import Disk, File, Folder, Held

CALLS = (
    "openat,close,pwrite64,write,ftruncate,unlink,rename,renameat,renameat2,link,mkdir,fsync,"
    "fdatasync,fallocate,unlinkat,dup,dup2,dup3")
# Text in hexadecimal, whole, so that contents can be read out of the trace.
OPTIONS = ("-xx", "-s", "1048576")

DONE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
BEGUN = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


def _bytes(text):
    return bytes.fromhex(text.replace("\\x", ""))


def calls(lines):
    """(name, strings, other arguments, result) of every call that succeeded, as they ended."""
    begun = {}
    for line in lines:
        if match := BEGUN.match(line):
            begun[match[1]] = match[2]
            continue
        if match := RESUMED.match(line):
            line = f"{match[1]} {begun.pop(match[1])}{match[2]}"
        match = DONE.match(line)
        if match and int(match[4]) >= 0:
            name, rest = match[2], match[3]
            assert not any(cut for _, cut in TEXT.findall(rest)), line[:200]
            strings = [_bytes(text) for text, _ in TEXT.findall(rest)]
            others = [part.strip() for part in TEXT.sub("", rest).split(",")]
            yield name, strings, others, int(match[4])


class Recording:
    """The calls of commands, one after the other, that change what is in a home."""

    def __init__(self, home, before, traces):
        self.home, self.before = home, before
        # (what to do with a disk, whether the command had told its end by then, whether it syncs)
        self.steps = []
        for number, trace in enumerate(traces):
            self.open = {}
            self.told = False
            self.is_last = number == len(traces) - 1
            for call in calls(trace.lines):
                self._take(*call)

    def _path(self, text):
        """Relative to the home; None outside of it."""
        path = os.path.relpath(os.path.join(self.home.path, os.fsdecode(text)), self.home.path)
        return None if path.startswith("..") else path

    def _step(self, do, is_sync=False):
        self.steps.append((do, self.told, is_sync))

    def _take(self, name, strings, others, result):
        if name == "write" and others[0] == "1" and self.is_last:
            self.told = True
            self._step(lambda disk: None)
        elif name == "openat":
            path = self._path(strings[0]) if others[0].startswith("AT_FDCWD") else None
            self.open[result] = path and self._opened(path, others[2])
        elif name == "close":
            self.open.pop(int(others[0]), None)
        elif name in ("pwrite64", "write", "ftruncate", "fsync", "fdatasync", "fallocate"):
            holder = self.open.get(int(others[0]))
            if holder is not None:
                self._change(holder, name, strings, others, result)
        elif self._path(strings[-1]) is not None:
            self._rename(name, *map(self._path, strings))

    def _opened(self, path, flags):
        """A number for who holds the file once the disk has come so far."""
        holder = len(self.steps)

        def do(disk):
            inode = disk.find(path)
            if inode is None:
                inode = File()
                disk.enter(path, inode)
            elif "O_TRUNC" in flags:
                inode.pending.append((0, None))
            disk.held[holder] = Held(inode)

        self._step(do)
        return holder

    def _change(self, holder, name, strings, others, result):
        def do(disk):
            held = disk.held[holder]
            inode = held.inode
            if name in ("fsync", "fdatasync"):
                inode.sync()
            elif name == "ftruncate":
                inode.pending.append((int(others[1]), None))
            elif name == "pwrite64":
                inode.pending.append((int(others[3]), strings[0][:result]))
            elif name == "write":
                inode.pending.append((held.place, strings[0][:result]))
                held.place += result
            else:
                raise NotImplementedError(name)

        self._step(do, name in ("fsync", "fdatasync"))

    def _rename(self, name, *paths):
        def do(disk):
            if name == "mkdir":
                disk.enter(paths[0], Folder())
            elif name == "unlink":
                disk.remove(paths[0])
            elif name.startswith("rename"):
                disk.rename(*paths)
            else:
                raise NotImplementedError(name)

        self._step(do)

    def disk(self, count, syncs=True):
        """The disk after so many steps, and whether the command had told its end by then; a disk
        that does not sync if so said."""
        disk = Disk(self.before)
        for do, _, is_sync in self.steps[:count]:
            if syncs or not is_sync:
                do(disk)
        return disk, bool(count) and self.steps[count - 1][1]
