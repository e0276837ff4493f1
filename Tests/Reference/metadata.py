"""What is sealed besides values, decoded: docs/spec/vault-format.md, "Metadata" and "Records"."""

import re

FLAGS = {2: "disabled", 11: "elsewhere", 13: "needs_reason", 14: "needs_grant"}
TAGS = {*range(1, 17)}
STATES = {"pending": 1, "current": 2, "previous": 3}


class Malformed(Exception):
    """Bytes that are not as they are written."""


def demand(condition):
    if not condition:
        raise Malformed


def is_name(text):
    return (1 <= len(text) <= 128 and re.fullmatch(rb"[A-Za-z0-9._@:+/-]+", text)
            and not text.startswith(b"-")
            and not {b"", b".", b".."} & set(text.split(b"/")))


def is_field(text):
    return re.fullmatch(rb"[a-z][a-z0-9_]{0,63}", text)


class Cursor:
    """Takes bytes from the front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        demand(count <= len(self.data) - self.place)
        self.place += count
        return self.data[self.place - count:self.place]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def prefixed(self):
        return self.take(self.number(4))

    def end(self):
        demand(self.place == len(self.data))


def text(data, least, most):
    demand(least <= len(data) <= most)
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed from None
    return data


def field(data):
    demand(is_field(data))
    return data


def ascending(items):
    demand(all(before < after for before, after in zip(items, items[1:])))
    return items


def counted(cursor, width, element, most=1_024):
    count = cursor.number(width)
    demand(1 <= count <= most)
    return [element(cursor) for _ in range(count)]


def own_field(cursor):
    name, is_there = field(cursor.prefixed()), cursor.number(1)
    demand(is_there <= 1)
    return name, text(cursor.prefixed(), 0, 16_384) if is_there else None


class Version:
    """One entry of attribute 12."""

    def __init__(self, cursor):
        self.number, self.state, self.created = (
            cursor.number(4), cursor.number(1), cursor.number(8))
        self.fields = counted(cursor, 2, lambda cursor: field(cursor.prefixed()))
        demand(1 <= self.state <= 5 and len(set(self.fields)) == len(self.fields))
        # Public fields of its own by name; None is one that this version lacks.
        self.own = {}


class Rotation:
    """Attribute 15: docs/spec/rotation.md, "The journal"."""

    def __init__(self, cursor):
        self.id = cursor.take(16)
        self.mode, self.state, self.end = (cursor.number(1) for _ in range(3))
        self.begun, self.changed = cursor.number(8), cursor.number(8)
        self.old, self.new, self.attempts, self.doubts = (cursor.number(4) for _ in range(4))
        self.grace = cursor.number(8)
        clock = cursor.number(1)
        demand(clock <= 2)
        self.wall = cursor.number(8) if clock else None
        self.running = (cursor.take(16), cursor.number(8)) if clock == 2 else None
        self.expires = cursor.number(8) if self.flag(cursor) else None
        self.known = self.keys(cursor) if self.flag(cursor) else None
        self.strays = self.keys(cursor)
        demand(1 <= self.mode <= 4 and 1 <= self.state <= 12 and self.end <= 4)
        demand(self.old >= 1 and (self.new == 0 or self.new > self.old))
        demand(self.grace <= 315_360_000)
        # Whether there is a new version, a reason to end, a wait; None is either.
        new, end, waits = (
            (False, False, False), (True, False, False), (True, False, True),
            (True, True, True), (None, True, None))[
                0 if self.state <= 3 else 1 if self.state <= 5 else 2 if self.state <= 9
                else 3 if self.state == 10 else 4]
        demand(new in (None, self.new != 0) and end == (self.end != 0)
               and waits in (None, clock != 0))
        demand(self.mode != 2 or self.state not in (7, 8, 10))
        demand(self.state > 3 or (self.attempts == 0) == (self.state == 1))

    @staticmethod
    def flag(cursor):
        found = cursor.number(1)
        demand(found <= 1)
        return found

    @staticmethod
    def keys(cursor):
        count = cursor.number(4)
        demand(count <= 1_024)
        return ascending([text(cursor.prefixed(), 1, 256) for _ in range(count)])


class Metadata:
    """The description of a secret, decoded."""

    def __init__(self, encoded):
        cursor = Cursor(encoded)
        self.name = cursor.prefixed()
        demand(is_name(self.name))
        self.issuer, self.disabled, self.label = b"generic", False, b""
        self.fields, self.tags, self.versions = {}, [], []
        self.created, self.modified = 0, None
        self.expires = self.removed = self.maximum_age = None
        self.elsewhere = self.needs_reason = self.needs_grant = False
        self.rotation = None
        last = 0
        for _ in range(cursor.number(4)):
            tag = cursor.number(2)
            demand(last < tag and tag in TAGS)
            inner = Cursor(cursor.prefixed())
            self.read(tag, inner)
            inner.end()
            last = tag
        cursor.end()
        if self.modified is None:
            self.modified = self.created

    def read(self, tag, cursor):
        rest = lambda: cursor.take(len(cursor.data))
        if tag == 1:
            self.issuer = rest()
            demand(re.fullmatch(rb"[a-z][a-z0-9-]{0,63}", self.issuer))
            demand(self.issuer != b"generic")
        elif tag in FLAGS:
            demand(cursor.number(1) == 1)
            setattr(self, FLAGS[tag], True)
        elif tag == 3:
            self.label = text(rest(), 1, 1_024)
        elif tag == 4:
            pairs = counted(cursor, 4, lambda cursor: (
                field(cursor.prefixed()), text(cursor.prefixed(), 0, 16_384)))
            ascending([name for name, _ in pairs])
            self.fields = dict(pairs)
        elif tag == 5:
            self.tags = ascending(
                counted(cursor, 4, lambda cursor: text(cursor.prefixed(), 1, 128)))
        elif tag == 12:
            self.versions = counted(cursor, 4, Version)
            ascending([0] + [version.number for version in self.versions])
        elif tag == 15:
            self.rotation = Rotation(cursor)
        elif tag == 16:
            self.read_own(cursor)
        else:
            self.read_number(tag, cursor.number(8))

    def read_own(self, cursor):
        owners = counted(cursor, 4, lambda cursor: (
            cursor.number(4), counted(cursor, 4, own_field, 2_048)))
        ascending([number for number, _ in owners])
        count = length = 0
        for number, fields in owners:
            version = self.version(number)
            demand(version is not None and version.state not in (2, 5))
            ascending([name for name, _ in fields])
            version.own = dict(fields)
            count += len(fields)
            length += sum(len(value or b"") for _, value in fields)
        demand(count <= 8_192 and length <= 1_048_576)

    def fields_of(self, version):
        """The public fields of a version."""
        together = self.fields | version.own
        return {name: value for name, value in sorted(together.items()) if value is not None}

    def read_number(self, tag, value):
        if tag == 6:
            demand(value != 0)
            self.created = value
        elif tag == 7:
            demand(value != self.created)
            self.modified = value
        elif tag == 8:
            self.expires = value
        elif tag == 9:
            self.removed = value
        else:
            self.maximum_age = value

    def version(self, selector):
        if isinstance(selector, int):
            found = [version for version in self.versions if version.number == selector]
        else:
            state = STATES[selector]
            found = [version for version in self.versions if version.state == state]
        return found[-1] if found else None


def unpacked(value, names):
    """The fields of a record, or Malformed."""
    if len(names) == 1:
        return {names[0]: value}
    cursor = Cursor(value)
    demand(cursor.number(2) == len(names))
    fields = {}
    for name in names:
        demand(cursor.prefixed() == name)
        fields[name] = cursor.prefixed()
    cursor.end()
    return fields
