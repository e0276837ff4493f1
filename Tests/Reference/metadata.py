"""What is sealed besides values, decoded: docs/spec/vault-format.md, "Metadata" and "Records"."""

import re

FLAGS = {2: "disabled", 11: "elsewhere", 13: "needs_reason", 14: "needs_grant"}
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


def counted(cursor, width, element):
    count = cursor.number(width)
    demand(1 <= count <= 1_024)
    return [element(cursor) for _ in range(count)]


class Version:
    """One entry of attribute 12."""

    def __init__(self, cursor):
        self.number, self.state, self.created = (
            cursor.number(4), cursor.number(1), cursor.number(8))
        self.fields = counted(cursor, 2, lambda cursor: field(cursor.prefixed()))
        demand(1 <= self.state <= 5 and len(set(self.fields)) == len(self.fields))


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
        last = 0
        for _ in range(cursor.number(4)):
            tag = cursor.number(2)
            demand(last < tag <= 14)
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
        else:
            self.read_number(tag, cursor.number(8))

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
