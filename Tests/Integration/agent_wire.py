# The agent's protocol, written from docs/spec/agent-protocol.md with nothing of the program.

import os
import socket
import struct

HELLO, STATUS, UNLOCK, LOCK, FETCH, UNLOGGED, DESCRIBE, LIST = 1, 2, 3, 4, 16, 17, 18, 19
PREFLIGHT, STORE, EDIT, RENAME, REMOVE, RESTORE, PURGE = range(20, 27)
BEGIN_ROTATION, ADVANCE_ROTATION, STORE_ROTATED, HISTORY, ROLLBACK = range(0x40, 0x45)
DONE, FAILED, PART = 0x80, 0x81, 0x82
VERSION = 1
# Kinds of failures.
LOCKED, WRONG_KEY, REFUSED = 1, 2, 22
ROTATION_RUNNING, ROTATION_MOVED, ROTATION_UNFIT = 64, 65, 66
OTHER_USER, OTHER_VERSION, OTHER_VAULT, MALFORMED = range(4)


def number(value, count):
    return value.to_bytes(count, "big")


def lp(data):
    data = data.encode() if isinstance(data, str) else data
    return number(len(data), 4) + data


def optional(data=None):
    return b"\0" if data is None else b"\1" + data


def frame(topic, fields=b""):
    return number(1 + len(fields), 4) + bytes([topic]) + fields


def hello(vault, reason=None, job=None, folder=None, version=VERSION):
    status = os.stat(vault)
    texts = b"".join(optional(None if text is None else lp(text)) for text in (reason, job, folder))
    return frame(
        HELLO, number(version, 2) + number(status.st_dev, 8) + number(status.st_ino, 8) + texts)


def unlock(key, is_raw=True, idle=None, most=None):
    times = b"".join(optional(None if time is None else number(time, 8)) for time in (idle, most))
    return frame(UNLOCK, bytes([is_raw, 0]) + times + lp(key))


def fetch(name, version="current"):
    return frame(FETCH, lp(name) + lp(version) + b"\0")


class Refused(Exception):
    def __init__(self, fields):
        self.kind = fields[0]
        count = fields[1]
        self.numbers = struct.unpack(f">{count}Q", fields[2:2 + 8 * count])
        super().__init__(f"kind {self.kind} {self.numbers}")


class Wire:
    """A connection."""

    def __init__(self, path, greeting=None, patience=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(patience)
        folder = os.open(os.path.dirname(path), os.O_PATH)
        try:
            self.socket.connect(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
        finally:
            os.close(folder)
        self.greeted = greeting and self.ask(greeting)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def exactly(self, count):
        """So many bytes, or fewer if the other end closes."""
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionResetError:
                more = b""
            if not more:
                break
            data += more
        return data

    def receive(self):
        """Topic and fields of a frame; None if the connection is at its end."""
        head = self.exactly(4)
        if len(head) < 4:
            return None
        body = self.exactly(int.from_bytes(head, "big"))
        return body[0], body[1:]

    def ask(self, question):
        """The fields of the answer; of its last frame if there are several."""
        self.send(question)
        while answer := self.receive():
            topic, fields = answer
            if topic == FAILED:
                raise Refused(fields)
            if topic == DONE:
                return fields
        raise EOFError

    def is_over(self):
        """Whether the other end has closed; waits for it."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def value(fields):
    """The value of the only field of an answer to fetch."""
    rest = fields[4 + int.from_bytes(fields[:4], "big"):]
    assert rest[4:8] == number(1, 4)
    rest = rest[8:]
    rest = rest[4 + int.from_bytes(rest[:4], "big"):]
    assert int.from_bytes(rest[:4], "big") == len(rest) - 4
    return rest[4:]
