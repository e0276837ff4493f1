"""What docs/spec/issuer-profile.md says of profiles is what the program does."""

import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("COFFER", ROOT / ".build-release/release/coffer"))
SPEC = (ROOT / "docs/spec/issuer-profile.md").read_text(encoding="utf-8")
PLAIN = {
    "schema": 1, "id": "acme", "title": "Acme",
    "fields": [{"name": "client_id", "title": "ID", "role": "public"},
               {"name": "token", "title": "Token", "role": "secret"}]}
PUBLIC, SECRET = ("fields", 0), ("fields", 1)
TEXT = "a text of at most 1,024 bytes is needed"
VARIABLE = "this is no variable that a profile may set"
ADDRESS = 'the secret field "token" must not stand in an address'


def changed(path, **members):
    """The plain profile with other members at a place; None takes one away."""
    profile = copy.deepcopy(PLAIN)
    place = profile
    for step in path:
        place = place[step]
    for key, value in members.items():
        if value is None:
            del place[key]
        else:
            place[key] = value
    return profile


def call(**members):
    return changed((), calls={"verify": {"url": "https://x", **members}})


def successor(**members):
    return changed((), successors=[{
        key: value for key, value in {"issuer": "zpa", **members}.items() if value is not None}])


REFUSED = [
    (changed((), schema=2), '"schema" must be 1'),
    (changed((), schema=None), '"schema" is missing'),
    (changed((), schema="1"), "a whole number is needed"),
    (changed((), schema=1.0), "a whole number is needed"),
    (changed((), id="Acme"), '"id" is 1 to 64 of a-z, 0-9 and -'),
    (changed((), id="other"), "the file of this id must be called other.json"),
    (changed((), id="cme"), "the file of this id must be called cme.json"),
    (changed((), id="zpa"), 'the id "zpa" is a built-in profile\'s'),
    (changed((), title="x" * 1_025), TEXT), (changed((), title=1), TEXT),
    (changed((), console="http://x"), '"console" must begin with https://'),
    (changed((), colour=1), "unknown key; known ones are schema, id, title, console"),
    (changed((), fields={}), "an array is needed"),
    (changed((), fields=["x"]), "an object is needed"),
    (changed((), fields=PLAIN["fields"][:1]), "there is no secret field"),
    (changed((), fields=PLAIN["fields"][::-1]), "public fields stand before secret ones"),
    (changed((), fields=PLAIN["fields"][:1] * 2), 'the field "client_id" is there twice'),
    (changed((), fields=[{**PLAIN["fields"][0], "name": f"f{n}"} for n in range(64)]
             + PLAIN["fields"][1:]), "there are more than 64 fields"),
    (changed(PUBLIC, name="Name"), '"name" is 1 to 64 of a-z, 0-9 and _'),
    (changed(PUBLIC, role="x"), '"role" is one of public, secret'),
    (changed(PUBLIC, required=1), "true or false is needed"),
    (changed(PUBLIC, kind="x"), '"kind" is one of text, integer, choice, url'),
    (changed(PUBLIC, kind="integer", most=1), '"least" is missing'),
    (changed(PUBLIC, kind="integer", least=2, most=1), '"least" is more than "most"'),
    (changed(PUBLIC, kind="choice", choices=[]), '"choices" is empty'),
    (changed(SECRET, default="x"), "a secret field has no kind and no default"),
    (changed(SECRET, kind="url"), "a secret field has no kind and no default"),
    (changed(PUBLIC, environment=["X", "X"]), "the variable X is set by two fields"),
    *((changed(PUBLIC, environment=[name]), VARIABLE) for name in (
        "", "x", "1X", "X" * 129, "PATH", "LD_PRELOAD", "COFFER_VAULT", "PYTHONPATH")),
    (changed(PUBLIC, delivery="x"), '"delivery" is one of value, file'),
    (changed(SECRET, checksum="x"), '"checksum" is one of crc32-base62'),
    (changed((), json=[{"x": "y"}]), "there is no field of this name"),
    (changed((), json=[{"client_id": "y"}]), "no secret field has a place here"),
    (changed((), ignored="x"), "an array is needed"), (changed((), ignored=[1]), TEXT),
    (changed((), lifetime={"rotation": "x"}), '"rotation" is one of dual, in-place, guided'),
    (changed((), calls={"rotate": {}}), "known ones are exchange, verify, list, create"),
    (call(method="HEAD"), '"method" is one of GET, POST, PUT, PATCH, DELETE'),
    (call(url="http://x"), '"url" must begin with https://'),
    (call(url="https://x/{{token}}"), ADDRESS), (call(query={"a": "{{token}}"}), ADDRESS),
    (call(url="https://x/{{"), "a placeholder has no end"),
    (call(headers={"a": "{{ token }}"}), "a placeholder names no field"),
    (call(url="https://{{client_id}}.x"), "a host is made of fields of the kind"),
    (call(headers={"host": "x"}), "this is no header that a call may set"),
    (call(body={"b": "x"}), "unknown key; known ones are method, url"),
    (successor(issuer="acme"), '"issuer" is another profile, each once'),
    (successor(issuer="A"), '"issuer" is 1 to 64 of a-z, 0-9 and -'),
    (successor(issuer=None), '"issuer" is missing'),
    (successor(fields={"A": {"from": "client_id"}}), "this is no name of a field"),
    (successor(fields={"a": {"from": "token"}}), '"from" names no public field'),
    (successor(environment={"A": "PATH"}), VARIABLE), (successor(stops=[1]), TEXT),
    (successor(url="x"), "known ones are issuer, reason, fields, environment, setup, stops"),
    ({**call(), "calls": {"verify": {"url": "https://x", "with": ["zpa"]}}},
     "the credentials of a built-in profile are for its own issuer alone"),
]

FINE = [
    PLAIN, changed((), title=""), changed(PUBLIC, least="x", choices=3),
    changed(PUBLIC, kind="integer", least=1, most=2, default="x"), changed(SECRET, kind="text"),
    changed(PUBLIC, environment=["_1", "X" * 128]), changed((), json=[{"token": "..a.."}]),
    changed((), ignored=["a.b", ""]),
    changed((), lifetime={"slots": -1}), call(headers={"a": "{{token}}"}, method="POST",
                                  form={"b": "{{token}}"}),
    call(url="https://x/{{client_id}}"), successor(reason="", setup=[], stops=["x"]),
    successor(fields={"a": {"from": "client_id", "texts": {"x": "", "": "y"}}},
              environment={"A": "A"}),
]

SYNTAX = "the pattern cannot be read at its character {}"
REPEAT = "the pattern repeats a repeat at its character {}"
TOO_LARGE = "the pattern is too large"
PATTERNS = {
    "a(": SYNTAX.format(3), "a)": SYNTAX.format(2), "[": SYNTAX.format(1), "[]": SYNTAX.format(1),
    "[^a]": SYNTAX.format(2), "[b-a]": SYNTAX.format(1), "a{2": SYNTAX.format(2),
    "a{2,1}": SYNTAX.format(2), "a{4097}": SYNTAX.format(2), "a{,3}": SYNTAX.format(2),
    "a{+3}": SYNTAX.format(2), "a{-0}": SYNTAX.format(2), "a{}": SYNTAX.format(2),
    "a{1,2,3}": SYNTAX.format(2), "a**": SYNTAX.format(3), "a+?": SYNTAX.format(3),
    ".": SYNTAX.format(1), "^a": SYNTAX.format(1), "a$": SYNTAX.format(2), "]": SYNTAX.format(1),
    "}": SYNTAX.format(1), "\\s": SYNTAX.format(1), "\\": SYNTAX.format(1),
    "(?:a)": SYNTAX.format(2), "[a[b]": SYNTAX.format(3), "[a-\\d]": SYNTAX.format(1),
    "(a+)+": REPEAT.format(5), "(a{2}|b)*": REPEAT.format(9), "é": "the pattern is not plain ASCII",
    "x" * 1_025: TOO_LARGE,
    # States: the end, and what the table in the specification counts.
    "a{4095}": None, "a{4096}": TOO_LARGE, "(ab){2047}": None, "(ab){2048}": TOO_LARGE,
    "(a|b){1365}": None, "(a|b){1366}": TOO_LARGE, "a{1,2048}": None, "a{2,2050}": TOO_LARGE,
    "a{4093,}": None, "a{4094,}": TOO_LARGE, "a{0}": None, "": None, "()": None, "a||b": None,
    "(|a){3}": None, "[a-]": None, "[-a]": None, "[--a]": None, "[\\d-z]": None, "[a\\]]": None,
    "[A-\\d]": SYNTAX.format(1), "[A-[]": SYNTAX.format(1), "[\\--a]": None, "a-b": None, "\\.\\-\\ ": None,
}


class Profiles(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="coffer-profile-")
        self.addCleanup(shutil.rmtree, self.home)
        self.file = f"{self.home}/acme.json"

    def coffer(self, *words, data=None):
        return subprocess.run(
            [PROGRAM, *words], capture_output=True, input=data, timeout=60, cwd=self.home,
            env={"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def finding(self, content):
        """What `issuer check` says of a file, or None if it is fine."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        with open(self.file, "wb") as sink:
            sink.write(data)
        os.chmod(self.file, 0o644)
        return self.said()

    def said(self):
        result = self.coffer("issuer", "check", "acme.json")
        if result.returncode == 0:
            return None
        self.assertEqual(result.returncode, 1)
        first = result.stderr.decode().splitlines()[0]
        return re.sub(r"^coffer: warning: acme\.json(:\d+:\d+)?: ", "", first)

    def assert_documented(self, words):
        """The words stand in the document, with names and numbers left open."""
        general = re.escape(words)
        for value, word in (('"token"', '"NAME"'), ('"client_id"', '"NAME"'), ('"zpa"', '"ID"'),
                            ("variable\\ X", "variable NAME")):
            general = general.replace(re.escape(value) if value[0] == '"' else value,
                                      re.escape(word))
        general = re.sub(r"(character\\ )\d+", r"\1N", general)
        general = re.sub(r"\\ (\w+)\\\.json", r"\\ ID\\.json", general)
        general = re.sub(r"(is\\ one\\ of\\ ).*", r"\1WORDS", general)
        general = re.sub(r"(known\\ ones\\ are\\ ).*", r"\1KEYS", general)
        general = re.sub(r'^"(\w+)"(\\ is\\ (one|missing)|\\ must\\ begin)', r'"KEY"\2', general)
        self.assertRegex(SPEC, f"`{general}`")

    def test_the_example_is_fine(self):
        example = re.search(r"```json\n(.*?)```", SPEC, re.DOTALL).group(1)
        self.assertIsNone(self.finding(example.encode()))

    def test_every_refusal_has_the_words_of_the_document(self):
        for profile, words in REFUSED:
            with self.subTest(words):
                said = self.finding(profile)
                self.assertIn(words, said or "fine")
                self.assert_documented(said)

    def test_what_is_not_checked_is_fine(self):
        for profile in FINE:
            with self.subTest(profile=profile):
                self.assertIsNone(self.finding(profile))

    def test_patterns(self):
        for pattern, words in PATTERNS.items():
            with self.subTest(pattern[:20]):
                self.assertEqual(self.finding(changed(SECRET, pattern=pattern)), words)
                if words:
                    self.assert_documented(words)

    def test_json_that_is_refused(self):
        plain = json.dumps(PLAIN).encode()
        for data, words in (
                (b"\xef\xbb\xbf" + plain, "an unexpected character"),
                (b'{"' + b"a" * 1_025 + b'": 1}', "an unexpected character"),
                (b"", "the text ends too early"), (plain[:-1], "the text ends too early"),
                (b"[" * 65 + b"]" * 65, "it is nested too deeply"),
                (b"[" * 64 + b"]" * 64, "an object is needed"),
                (b'{"a": "\\ud800"}', "an escape that JSON does not have"),
                (b'{"a": 01}', "a number that JSON does not have"),
                (b'{"a": "\xff"}', "it is not valid UTF-8"),
                (b'{"a": 1, "\\u0061": 2}', "a key is there twice"),
                (plain + b"x", "something follows behind the end"),
                (plain + b" " * (262_144 - len(plain)), None),
                (plain + b" " * (262_145 - len(plain)), "it is over 256 KiB")):
            with self.subTest(words):
                self.assertEqual(self.finding(data), words)
                if words:
                    self.assert_documented(words)

    def test_files_that_are_refused(self):
        self.finding(PLAIN)
        others = "others may write it; chmod go-w"
        for mode, words in ((0o602, others), (0o620, others), (0o644, None), (0o444, None)):
            os.chmod(self.file, mode)
            self.assertEqual(self.said(), words)
        os.rename(self.file, f"{self.home}/real")
        self.assertEqual(self.said(), "it cannot be opened")
        os.symlink("real", self.file)
        self.assertEqual(self.said(), "it is a symbolic link")
        os.unlink(self.file)
        os.mkfifo(self.file)
        self.assertEqual(self.said(), "it is not a regular file")
        os.unlink(self.file)
        os.mkdir(self.file)
        self.assertEqual(self.said(), "it is not a regular file")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_a_file_of_another_user_is_refused(self):
        self.finding(PLAIN)
        os.chown(self.file, 65_534, 65_534)
        self.assertEqual(self.said(), "it belongs to another user")

    def test_an_unusable_profile_and_an_unknown_one_have_their_exit_codes(self):
        folder = f"{self.home}/.config/coffer/issuers"
        os.makedirs(folder)
        self.finding(changed((), colour=1))
        shutil.copy(self.file, folder)
        self.assertEqual(self.coffer("issuer", "show", "acme").returncode, 8)
        self.assertNotIn(b"acme", self.coffer("issuer", "list").stdout)
        self.assertEqual(self.coffer("issuer", "show", "other").returncode, 4)


if __name__ == "__main__":
    unittest.main()
