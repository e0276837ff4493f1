# One awkward secret through every way in and every way out, byte for byte.

import csv
import io
import json
import sys
import unittest

from shell import Shell
from support import AWKWARD, CofferTest, needs
from test_clipboard import ClipboardCase

# A user's own profile for keys that somebody keeps in a sheet.
SHEET = {
    "schema": 1, "id": "zpa-sheet", "title": "ZPA keys from a sheet",
    "fields": [
        {"name": "client_id", "title": "Client ID", "role": "public"},
        {"name": "client_secret", "title": "Client Secret", "role": "secret",
         "environment": ["ZPA_CLIENT_SECRET"]},
    ],
    "csv": [{"client_id": "Client ID", "client_secret": "Client Secret"}],
}


class WayInTest(CofferTest):
    """Every way of capture; `get` proves what was stored."""

    def setUp(self):
        super().setUp()
        self.make_vault()

    def capture(self, *words, **options):
        outcome = self.succeed(self.coffer("capture", "zpa/ci", *words, **options))
        self.assertNotIn(b"SECRETPART", outcome.out + outcome.err)
        return outcome

    def document(self, secret=AWKWARD):
        """What the issuer's API answers."""
        return json.dumps({
            "id": "1", "name": "ci", "clientId": "id-1", "clientSecret": secret.decode(),
            "enabled": "true", "tokenExpiryTimeInSec": "3600",
        }).encode()

    def test_standard_input(self):
        self.capture("--issuer", "zpa", "--stdin", "--set", "client_id=id-1", stdin=AWKWARD)
        self.assertHolds("zpa/ci", AWKWARD)

    def test_standard_input_with_every_byte_there_is(self):
        """E74."""
        value = bytes(range(256)) * 3
        self.capture("--issuer", "zpa", "--stdin", stdin=value)
        self.assertHolds("zpa/ci", value)

    def test_json_from_a_file_and_from_standard_input(self):
        path = self.home.file("key.json", self.document())
        self.capture("--json", path)
        self.assertHolds("zpa/ci", AWKWARD)
        self.assertHolds("zpa/ci#client_id", b"id-1")
        self.capture("--replace", "--json", "-", stdin=self.document(AWKWARD + b"2"))
        self.assertHolds("zpa/ci", AWKWARD + b"2")

    def test_json_with_escapes_of_every_kind(self):
        value = "é\u2028\U0001f511\0\x07\x1b]52;c;\\\"/\b\f\n\r\t\x7f\x85 end"
        for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
            document = f'{{"clientId": "id-1", "clientSecret": {text}}}'.encode()
            self.capture("--replace", "--issuer", "zpa", "--json", "-", stdin=document)
            self.assertHolds("zpa/ci", value.encode())

    def test_csv_in_a_form_that_a_sheet_writes(self):
        self.home.folder("config/coffer/issuers")
        self.home.file("config/coffer/issuers/zpa-sheet.json", json.dumps(SHEET).encode())
        for value in (AWKWARD, b'"', b'""",\r\n"', b" blanks ", "ünïcode\n".encode()):
            for line_end in ("\r\n", "\n"):
                with self.subTest(value=value, line_end=line_end):
                    text = io.StringIO()
                    rows = csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL)
                    rows.writerow(["Client ID", "Client Secret"])
                    rows.writerow(["id-1", value.decode()])
                    path = self.home.file("keys.csv", text.getvalue().encode())
                    self.capture("--replace", "--issuer", "zpa-sheet", "--csv", path)
                    self.assertHolds("zpa/ci", value)
                    self.assertHolds("zpa/ci#client_id", b"id-1")

    def test_an_issuing_command(self):
        path = self.home.file("answer.json", self.document())
        self.capture("--issuer", "zpa", "--", "cat", path)
        self.assertHolds("zpa/ci", AWKWARD)

    def test_an_issuing_command_that_prints_the_bare_value(self):
        """Of the generic profile several lines are the secret exactly as they are."""
        for value in (AWKWARD, b"a\n\nb\n", b"\xff\xfe\0binary\nand more"):
            with self.subTest(value=value):
                path = self.home.file("answer", value)
                self.succeed(self.coffer("capture", "bare", "--replace", "--", "cat", path))
                self.assertHolds("bare", value)

    def test_an_issuing_command_gets_no_line_end_added_or_two_taken(self):
        for printed, value in (
            (b"one line", b"one line"), (b"one line\n", b"one line"),
            (b"one line\r\n", b"one line"),
        ):
            path = self.home.file("answer", printed)
            self.succeed(self.coffer("capture", "line", "--replace", "--", "cat", path))
            self.assertHolds("line", value)

    def prompt(self, *words):
        shell = Shell(
            self.home, "capture", "zpa/ci", "--key-file", self.home.key, "--issuer", "zpa", *words)
        self.addCleanup(shell.__exit__)
        answers = (b"id-1", b"72058", b"", b"", b"", b"", b"")
        prompts = (b"Client ID", b"Customer ID", b"Cloud", b"Microtenant", b"Role", b"Status",
                   b"Session Validity")
        shell.expect(b"Name")
        shell.type(b"ci\n")
        for prompt, answer in zip(prompts, answers):
            shell.expect(prompt)
            shell.type(answer + b"\n")
        shell.expect_prompt(b"Client Secret: ")
        return shell

    def test_a_paste_at_the_hidden_prompt(self):
        """Several lines, brackets around them as terminals send them; Enter afterwards."""
        shell = self.prompt()
        shell.paste(AWKWARD)
        shell.type(b"\n")
        self.assertNotIn(b"SECRETPART", shell.expect(b"stored"))
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertNotIn(b"second line", shell.rest())
        self.assertHolds("zpa/ci", AWKWARD)
        self.assertHolds("zpa/ci#customer_id", b"72058")

    def test_a_long_paste_at_the_hidden_prompt(self):
        """Longer than any line that the kernel would keep (4,095 bytes)."""
        value = AWKWARD * 400
        shell = self.prompt()
        shell.paste(value)
        shell.type(b"\n")
        shell.expect(b"stored")
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertHolds("zpa/ci", value)

    def test_typing_at_the_hidden_prompt(self):
        """Keys that edit; none of them is part of the value."""
        shell = self.prompt()
        shell.type(b"wrong\x15" + "se\u0301\x7fcret é\x7f\"$#}\x1b[D\x1b[A\x1bOP\n".encode())
        shell.expect(b"stored")
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertHolds("zpa/ci", b"secret \"$#}")


@needs("Xvfb", "xclip")
class ClipboardWayInTest(ClipboardCase):
    def test_the_clipboard(self):
        self.copy(AWKWARD)
        self.succeed(self.coffer("capture", "zpa/ci", "--issuer", "zpa", "--clipboard"))
        self.assertHolds("zpa/ci", AWKWARD)


class WayOutTest(CofferTest):
    """Every way of use, of a secret that standard input stored."""

    def setUp(self):
        super().setUp()
        self.make_vault()
        self.store("zpa/ci", AWKWARD, "--issuer", "zpa", "--set", "client_id=id-1")

    def job(self, *words):
        """What a job writes that shows what it was handed."""
        code = "import os, sys; sys.stdout.buffer.write(" + words[-1] + ")"
        return self.succeed(self.coffer(
            "run", *words[:-1], "--", sys.executable, "-I", "-c", code)).out

    def test_get_to_a_pipe_and_to_a_file(self):
        self.assertHolds("zpa/ci", AWKWARD)
        with open(self.home.path + "/out", "w+b") as file:
            self.assertEqual(self.coffer("get", "zpa/ci", stdout=file).code, 0)
            file.seek(0)
            self.assertEqual(file.read(), AWKWARD)

    def test_get_as_json(self):
        answer = json.loads(self.succeed(self.coffer("get", "zpa/ci", "--json")).out)
        self.assertEqual(answer["value"].encode(), AWKWARD)
        self.assertEqual(answer["encoding"], "utf-8")

    def test_get_to_a_terminal_shows_every_character_and_no_control(self):
        """E78: what is shown there cannot move the cursor or set the clipboard."""
        self.store("odd", b"a\x1b[2Jb\x1b]52;c;eA==\x07c\nd")
        with Shell(self.home, "get", "odd", "--show", "--key-file", self.home.key) as shell:
            self.assertEqual(shell.stopped_or_ended(), 0)
            shown = shell.rest()
        self.assertNotIn(b"\x1b", shown)
        self.assertNotIn(b"\x07", shown)
        self.assertIn(b"[2J", shown)

    def test_the_variables_of_its_profile(self):
        self.assertEqual(
            self.job("--secret", "zpa/ci", "os.environb[b'ZPA_CLIENT_SECRET']"), AWKWARD)
        self.assertEqual(self.job("--secret", "zpa/ci", "os.environb[b'ZPA_CLIENT_ID']"), b"id-1")

    def test_a_variable(self):
        self.assertEqual(self.job("--env", "X=zpa/ci", "os.environb[b'X']"), AWKWARD)

    def test_a_file(self):
        self.assertEqual(
            self.job("--file", "F=zpa/ci", "open(os.environ['F'], 'rb').read()"), AWKWARD)

    def test_standard_input(self):
        self.assertEqual(self.job("--stdin", "zpa/ci", "sys.stdin.buffer.read()"), AWKWARD)

    def test_a_descriptor(self):
        self.assertEqual(self.job("--fd", "9=zpa/ci", "os.fdopen(9, 'rb').read()"), AWKWARD)

    def test_all_of_them_at_once(self):
        code = ("os.environb[b'X'] + open(os.environ['F'], 'rb').read() + sys.stdin.buffer.read()"
                " + os.fdopen(9, 'rb').read()")
        self.assertEqual(
            self.job("--env", "X=zpa/ci", "--file", "F=zpa/ci", "--stdin", "zpa/ci",
                     "--fd", "9=zpa/ci", code), AWKWARD * 4)

    def test_large_values_through_every_way_that_takes_them(self):
        """E74: 1 MiB and a byte; a variable takes less, and says so."""
        value = bytes(range(256)) * 4096 + b"!"
        self.store("large", value)
        self.assertHolds("large", value)
        for words in (
            ("--file", "F=large", "open(os.environ['F'], 'rb').read()"),
            ("--stdin", "large", "sys.stdin.buffer.read()"),
            ("--fd", "9=large", "os.fdopen(9, 'rb').read()"),
        ):
            self.assertEqual(self.job(*words), value)
        self.refuse(self.coffer("run", "--env", "X=large", "--", "/bin/true"), 1)


if __name__ == "__main__":
    unittest.main()
