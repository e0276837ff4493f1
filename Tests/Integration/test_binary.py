# What the linker made of the program: random addresses, and nothing that can be written to but what
# is to be.

import struct
import tempfile
import unittest
from typing import NamedTuple

from agent_case import AgentTest
from support import COFFER, as_root, needs

SHARED_OBJECT, LOAD, RELRO = 3, 1, 0x6474E552
# Flags of parts, which are read at once, and of sections.
MAY_EXECUTE, MAY_WRITE, SECTION_MAY_BE_WRITTEN = 1, 2, 1
PAGE = 4_096
# What git asks its helper (git-credential(1)).
GIT = b"protocol=https\nhost=forge.example.com\nusername=ann\n\n"


class Part(NamedTuple):
    kind: int
    flags: int
    address: int
    size: int


class Binary:
    """An executable file for 64-bit machines (elf(5))."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        (magic, self.kind, _, _, _, parts, sections, _, _, part_size, part_count, section_size,
         section_count, names) = struct.unpack_from("<16sHHIQQQIHHHHHH", self.bytes)
        assert magic[:5] == b"\x7fELF\x02"
        self.parts = [self.part(parts + number * part_size) for number in range(part_count)]
        table = [struct.unpack_from("<IIQQQQ", self.bytes, sections + number * section_size)
                 for number in range(section_count)]
        names = table[names][4]
        self.flags = {self.text(names + name): flags for name, _, flags, *_ in table}

    def part(self, offset):
        kind, flags, _, address, _, _, size, _ = struct.unpack_from("<IIQQQQQQ", self.bytes, offset)
        return Part(kind, flags, address, size)

    def text(self, offset):
        return self.bytes[offset:self.bytes.index(b"\0", offset)].decode()


class BinaryTest(unittest.TestCase):
    def setUp(self):
        self.binary = Binary(COFFER)

    def test_its_address_is_random(self):
        self.assertEqual(self.binary.kind, SHARED_OBJECT)

    def test_what_can_be_written_to_cannot_be_run(self):
        both = MAY_EXECUTE | MAY_WRITE
        for part in self.binary.parts:
            self.assertNotEqual(part.flags & both, both, part)

    def test_constants_cannot_be_written_to(self):
        self.assertFalse(self.binary.flags[".rodata"] & SECTION_MAY_BE_WRITTEN)

    def test_what_is_relocated_is_protected_afterwards(self):
        (relro,) = [part for part in self.binary.parts if part.kind == RELRO]
        self.assertGreater(relro.size, 64 * PAGE)


@as_root
class TablesTest(AgentTest):
    def test_the_tables_of_libraries_that_are_in_use_cannot_be_written_to(self):
        """They are relocated when the library is first used."""
        binary = Binary(COFFER)
        (relro,) = [part for part in binary.parts if part.kind == RELRO]
        self.start_agent()
        self.unlock()
        self.succeed(self.home.run("get", "a"))
        with open(f"/proc/{self.agent.pid}/maps") as file:
            maps = [line.split() for line in file]
        places = [[int(end, 16) for end in fields[0].split("-")] + [fields[1]] for fields in maps
                  if fields[-1] == COFFER]
        base = places[0][0]
        first = base + relro.address // PAGE * PAGE
        last = base + (relro.address + relro.size) // PAGE * PAGE
        inside = [place for place in places if place[0] < last and place[1] > first]
        self.assertGreater(sum(place[1] - place[0] for place in inside), 64 * PAGE)
        self.assertEqual({place[2] for place in inside}, {"r--p"}, inside)


@needs("strace")
class ThinTest(AgentTest):
    """What an agent answers uses neither libcrypto nor SQLite: their tables stay unrelocated."""

    def protections(self, *words, stdin=b""):
        """How often something was made read-only: once at the start, and once for the tables."""
        with tempfile.NamedTemporaryFile() as log:
            outcome = self.home.run(
                *words, stdin=stdin,
                under=("strace", "-qq", "-o", log.name, "-e", "trace=execve,mprotect"))
            self.succeed(outcome)
            # `run` becomes another program.
            own = log.read().decode().split("execve(")[1]
            return own.count(", PROT_READ)")

    def test_what_an_agent_answers_starts_no_library(self):
        self.home.environment["COFFER_ASKPASS"] = "a"
        self.store("keys", b"value", "--field", "secret_access_key", "--set", "access_key_id=A")
        self.store("forge", b"value", "--set", "host=forge.example.com", "--set", "username=ann")
        self.start_agent()
        self.unlock()
        for words, stdin in (
                (("get", "a"), b""), (("get", "a", "--json"), b""),
                (("get", "a", "--format", "json"), b""), (("list",), b""),
                (("run", "--env", "A=a", "--", "true"), b""),
                (("inject", "-i", "-"), b"{{ coffer://a }}"), (("show", "a"), b""),
                (("helper", "docker", "list"), b""),
                (("helper", "askpass", "Password: "), b""),
                (("helper", "kubernetes", "a"), b""), (("helper", "aws", "keys"), b""),
                (("helper", "git", "get"), GIT)):
            with self.subTest(words):
                self.assertEqual(self.protections(*words, stdin=stdin), 1)

    def test_and_what_none_answers_does(self):
        self.assertEqual(self.protections("get", "a", "--key-file", self.home.key), 2)


if __name__ == "__main__":
    unittest.main()
