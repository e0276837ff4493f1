# Imports from the stores of other programs: what comes in comes out byte for byte, or nothing does.

import base64
import csv
import io
import json
import os
import random
import subprocess
import tempfile
import unittest
import warnings
import zipfile
from xml.sax.saxutils import escape

from support import AWKWARD, CofferTest, needs

# Characters that formats quote, escape or cut at; every format gets those that it can hold.
TELLING = "aZ09 \t\"'\\#;:=$%&<>/{}[]|@!~,é漢😀-+`"


def text(chance, alphabet=TELLING, longest=40):
    """A value that does not end or begin in a blank, which formats of lines do not keep."""
    value = "".join(chance.choice(alphabet) for _ in range(chance.randint(1, longest)))
    return "x" + value + "y"


class ImportTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()

    def bring(self, form, path, *words, **options):
        return self.coffer("import", "--from", form, path, *words, **options)


class RoundTrips(ImportTest):
    """Values made at random, written by other writers than ours."""

    def check(self, form, write, alphabet=TELLING, names=None):
        chance = random.Random(form)
        names = names or [f"name{number}" for number in range(20)]
        values = {name: text(chance, alphabet) for name in names}
        path = self.home.file("source", write(values).encode())
        outcome = self.succeed(self.bring(form, path))
        self.assertEqual(outcome.out, b"imported %d secrets\n" % len(values))
        for name, value in values.items():
            self.assertHolds(name, value.encode())

    def test_json(self):
        """Bitwarden: values in JSON, with and without escapes beyond ASCII."""
        for ascii_only in (True, False):
            with self.subTest(ascii_only=ascii_only):
                self.check(
                    "bitwarden",
                    lambda values: json.dumps(
                        {
                            "items": [
                                {"name": name, "login": {"password": value}}
                                for name, value in values.items()
                            ]
                        },
                        ensure_ascii=ascii_only,
                    ),
                    TELLING + "\n\r\0\x7f",
                    [f"ascii-{ascii_only}-{number}" for number in range(20)],
                )

    def test_xml(self):
        def write(values):
            entries = "".join(
                f"<Entry><String><Key>Title</Key><Value>{escape(name)}</Value></String><String>"
                f"<Key>Password</Key><Value>{escape(value)}</Value></String></Entry>"
                for name, value in values.items()
            )
            return f"<KeePassFile><Root><Group>{entries}</Group></Root></KeePassFile>"

        self.check("keepass-xml", write, TELLING + "\n")

    def write_csv(self, values):
        lines = io.StringIO()
        writer = csv.writer(lines)
        writer.writerow(["Title", "Password"])
        writer.writerows(values.items())
        return lines.getvalue()

    def test_csv(self):
        self.check("1password-csv", self.write_csv, TELLING + "\n\r")

    def test_dotenv_in_single_quotes(self):
        self.check(
            "dotenv",
            lambda values: "".join(f"{name}='{value}'\n" for name, value in values.items()),
            TELLING.replace("'", "").replace("\\", "") + "\n",
        )

    def test_settings(self):
        self.check(
            "aws-credentials",
            lambda values: "".join(
                f"[{name}]\naws_access_key_id = AKIA\naws_secret_access_key = {value}\n"
                for name, value in values.items()
            ),
        )

    def test_netrc(self):
        def quoted(value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

        self.check(
            "netrc",
            lambda values: "".join(
                f"machine {name} login u password {quoted(value)}\n"
                for name, value in values.items()
            ),
        )

    def test_docker(self):
        def encoded(value):
            return base64.b64encode(b"user:" + value.encode()).decode()

        self.check(
            "docker",
            lambda values: json.dumps(
                {"auths": {name: {"auth": encoded(value)} for name, value in values.items()}}
            ),
            TELLING + "\n\0",
        )

    def test_yaml(self):
        for style in ("'", '"'):
            with self.subTest(style=style):
                value = text(random.Random(style))
                if style == "'":
                    shown = "'" + value.replace("'", "''") + "'"
                else:
                    shown = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
                shown = shown.replace("\t", " ")
                path = self.home.file(
                    "z.yaml", f"zscaler:\n  client:\n    clientSecret: {shown}\n".encode()
                )
                self.succeed(self.bring("zscaler-yaml", path, "--replace"))
                self.assertHolds("zscaler", value.replace("\t", " ").encode())

    def test_whole_file(self):
        content = json.dumps(
            {"type": "service_account", "client_email": "a@b", "private_key": "k\n"}, indent=1
        ).encode()
        self.succeed(self.bring("google-key", self.home.file("key.json", content)))
        self.assertHolds("a@b", content)


@needs("gpg", "pass")
class PassStores(ImportTest):
    """A store that pass itself made, with a key of its own."""

    def setUp(self):
        super().setUp()
        # A socket of the agent has to fit into a short path.
        folder = tempfile.mkdtemp(prefix="gpg-", dir="/tmp")
        self.addCleanup(subprocess.run, ["rm", "-rf", folder], check=True)
        self.store_folder = f"{self.home.path}/store"
        self.home.environment |= {
            "GNUPGHOME": folder, "PASSWORD_STORE_DIR": self.store_folder, "USER": "u",
        }
        self.addCleanup(self.program, "gpgconf", "--kill", "all")
        self.program(
            "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "me@x.example",
            "default", "default", "never",
        )
        self.program("pass", "init", "me@x.example")

    def program(self, *words, stdin=b""):
        return subprocess.run(
            words, env=self.home.environment, input=stdin, check=True, capture_output=True
        ).stdout

    def insert(self, name, content):
        self.program("pass", "insert", "--multiline", "--force", name, stdin=content)

    def test_entries(self):
        values = {
            "plain": b"secret", "deep/er/name": b"\xff\x00 \\ binary\r", "My Bank/login": b"x" * 5000,
            "awkward": AWKWARD.split(b"\n")[0],
        }
        for name, value in values.items():
            self.insert(name, value + b"\nuser: me\ntoken: t-" + name.encode() + b"\n")
        outcome = self.succeed(self.bring("pass", self.store_folder))
        self.assertEqual(outcome.out, b"imported 4 secrets\n")
        self.assertIn(b'"My Bank/login" becomes "My-Bank/login"', outcome.err)
        for name, value in values.items():
            stored = name.replace(" ", "-")
            self.assertHolds(f"{stored}#secret", value)
            self.assertHolds(f"{stored}#token", b"t-" + name.encode())
            # As pass itself hands it out.
            self.assertEqual(self.program("pass", "show", name).split(b"\n")[0], value)

    def test_entry_that_cannot_be_opened(self):
        self.insert("good", b"s\n")
        with open(f"{self.store_folder}/bad.gpg", "wb") as file:
            file.write(b"no message of gpg")
        outcome = self.refuse(self.bring("pass", self.store_folder), 1)
        self.assertIn(b"nothing was imported", outcome.err)
        self.assertEqual(self.names(), [])

    def test_entry_that_was_changed(self):
        """A bit in the sealed part is flipped: gpg refuses it, and so does the import."""
        self.insert("a", b"s" * 300)
        path = f"{self.store_folder}/a.gpg"
        content = bytearray(open(path, "rb").read())
        content[-20] ^= 1
        with open(path, "wb") as file:
            file.write(content)
        self.refuse(self.bring("pass", self.store_folder), 1)
        self.assertEqual(self.names(), [])

    def test_links_are_not_followed(self):
        self.insert("a", b"s\n")
        for target in (f"{self.store_folder}/a.gpg", "/etc", "/dev/null", "missing"):
            os.symlink(target, f"{self.store_folder}/link.gpg")
            outcome = self.refuse(self.bring("gopass", self.store_folder), 8)
            self.assertIn(b"is a link", outcome.err)
            os.unlink(f"{self.store_folder}/link.gpg")
        os.mkfifo(f"{self.store_folder}/pipe.gpg")
        self.refuse(self.bring("pass", self.store_folder), 8)

    def test_other_files_are_said(self):
        self.insert("a", b"s\n")
        os.makedirs(f"{self.store_folder}/.git")
        with open(f"{self.store_folder}/.git/x.gpg", "wb"):
            pass
        with open(f"{self.store_folder}/notes.txt", "wb"):
            pass
        outcome = self.succeed(self.bring("pass", self.store_folder))
        self.assertEqual(outcome.out, b"imported 1 secret; left out 1\n")
        self.assertIn(b'left out "notes.txt"', outcome.err)

    def test_names_with_a_dot_are_said(self):
        self.insert("a", b"s\n")
        self.insert(".hidden", b"s\n")
        self.insert(".team/deploy", b"s\n")
        os.makedirs(f"{self.store_folder}/.extensions")
        outcome = self.succeed(self.bring("pass", self.store_folder))
        self.assertEqual(outcome.out, b"imported 1 secret; left out 2\n")
        for name in (b".hidden.gpg", b".team"):
            self.assertIn(b'left out "' + name + b'": its name begins with a dot', outcome.err)

    def test_entry_of_several_lines(self):
        key = b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END X-----\n"
        self.insert("key", key)
        self.insert("json", b'{\n  "private_key": "x"\n}\n')
        self.succeed(self.bring("pass", self.store_folder))
        self.assertHolds("key", key)
        self.assertHolds("json", b'{\n  "private_key": "x"\n}\n')

    def test_what_gopass_writes(self):
        """Byte for byte the entries that gopass 1.8.5 made: of several lines, with a key that was
        added to one of a single line, with YAML, generated, and of `gopass binary`."""
        for name, content in (
                ("multi", b"pw one\nuser: me\ntoken: t-1"), ("single", b"single\nkeyname: kval\n"),
                ("yaml", b"pw2\n---\nuser: yaml\nnested:\n  a: b\n"), ("made", b"QT60f4zh3BJ6"),
                ("file.b64", b"\nQklOAP8KAQ==")):
            self.insert(name, content)
        os.makedirs(f"{self.store_folder}/.public-keys")
        outcome = self.succeed(self.bring("gopass", self.store_folder))
        self.assertEqual(outcome.out, b"imported 5 secrets; left out 1\n")
        for name, value in (
                ("multi#secret", b"pw one"), ("multi#user", b"me"), ("multi#token", b"t-1"),
                ("single#secret", b"single"), ("single#keyname", b"kval"), ("yaml#secret", b"pw2"),
                ("yaml#user", b"yaml"), ("yaml#a", b"b"), ("yaml#notes", b"nested:"),
                ("made", b"QT60f4zh3BJ6"), ("file.b64", b"QklOAP8KAQ==")):
            self.assertHolds(name, value)

    def test_bomb(self):
        """What gpg unpacks is bounded."""
        with open("/dev/zero", "rb") as zeros:
            content = zeros.read(40 * 1_048_576)
        os.makedirs(self.store_folder, exist_ok=True)
        self.program(
            "gpg", "--batch", "--quiet", "--encrypt", "--recipient", "me@x.example", "--output",
            f"{self.store_folder}/bomb.gpg", stdin=content,
        )
        outcome = self.refuse(self.bring("pass", self.store_folder), 9)
        self.assertIn(b"longer than 17 MiB", outcome.err)
        self.assertEqual(self.names(), [])


EXPORT = json.dumps(
    {
        "accounts": [
            {
                "vaults": [
                    {
                        "attrs": {"name": "v"},
                        "items": [
                            {
                                "overview": {"title": "t"},
                                "details": {
                                    "loginFields": [
                                        {"designation": "password", "value": AWKWARD.decode()}
                                    ]
                                },
                            }
                        ],
                    }
                ]
            }
        ]
    }
)


@needs("unzip", "zip")
class Archives(ImportTest):
    """1PUX: a zip archive (case K145)."""

    def archive(self, *members, method=zipfile.ZIP_DEFLATED):
        path = f"{self.home.path}/a.1pux"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return path

    def refuse_archive(self, path, words):
        outcome = self.refuse(self.bring("1pux", path), 2)
        self.assertIn(words, outcome.err)
        self.assertEqual(self.names(), [])

    def test_honest(self):
        path = self.archive(("export.attributes", "{}"), ("export.data", EXPORT), ("files/x", "f"))
        outcome = self.succeed(self.bring("1pux", path))
        self.assertEqual(outcome.out, b"imported 1 secret; left out 1\n")
        self.assertIn(b'left out "files/x": a file of the archive', outcome.err)
        self.assertHolds("v/t", AWKWARD)

    def test_other_members_keep_it_from_being_wiped(self):
        members = ("export.attributes", "{}"), ("export.data", EXPORT), ("files/", "")
        path = self.archive(*members, ("files/abc__secret.key", "f"))
        outcome = self.refuse(self.bring("1pux", path, "--wipe-source"), 8)
        self.assertIn(b"nothing was imported", outcome.err)
        self.assertEqual(self.names(), [])
        self.succeed(self.bring("1pux", self.archive(*members), "--wipe-source"))
        self.assertFalse(os.path.exists(path))
        self.assertHolds("v/t", AWKWARD)

    def test_made_by_zip(self):
        self.home.file("export.data", EXPORT.encode())
        subprocess.run(["zip", "-q", "[x]*.1pux", "export.data"], cwd=self.home.path, check=True)
        # The name is a file's, not a pattern.
        self.succeed(self.bring("1pux", "./[x]*.1pux"))
        self.assertHolds("v/t", AWKWARD)
        self.assertEqual(
            sorted(name for name in os.listdir(self.home.path) if "export" in name),
            ["export.data"],
        )

    def test_members_that_lead_out(self):
        for name in ("../x", "/etc/passwd", "a/../../x", "..\\x", "c:\\x"):
            with self.subTest(name=name):
                path = self.archive(("export.data", EXPORT), (name, "x"))
                self.refuse_archive(path, b"leads out")

    def test_two_members_of_one_name(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = self.archive(("export.data", EXPORT), ("export.data", "{}"))
        self.refuse_archive(path, b"a name twice")

    def test_link(self):
        member = zipfile.ZipInfo("export.data")
        member.create_system, member.external_attr = 3, 0o120777 << 16
        self.refuse_archive(self.archive((member, "/etc/passwd")), b"symbolic link")

    def test_without_the_member(self):
        self.refuse_archive(self.archive(("export.dat", EXPORT)), b"holds no export.data")
        self.refuse_archive(self.archive(("x/export.data", EXPORT)), b"holds no export.data")

    def test_bomb(self):
        """One that says how large it is, and one that lies."""
        path = self.archive(("export.data", b" " * 200 * 1_048_576))
        self.refuse_archive(path, b"longer than 24 MiB")
        content = bytearray(open(path, "rb").read())
        for place in (content.index(b"PK\1\2") + 24, 22):
            content[place:place + 4] = (1_000).to_bytes(4, "little")
        self.refuse_archive(self.home.file("liar.1pux", content), b"nothing was imported")

    def test_damaged(self):
        path = self.archive(("export.data", EXPORT), method=zipfile.ZIP_STORED)
        content = bytearray(open(path, "rb").read())
        content[content.index(b"SECRETPART")] ^= 1
        self.refuse_archive(self.home.file("damaged.1pux", content), b"is damaged")
        self.refuse_archive(self.home.file("cut.1pux", content[:100]), b"no zip archive")
        self.refuse_archive(self.home.file("empty.1pux", b""), b"no zip archive")


class Together(ImportTest):
    """All or nothing, and what is left behind."""

    def test_nothing_of_an_import_that_fails(self):
        """The last of many is too long a value to be stored."""
        items = [{"name": f"a{number}", "notes": "Zq7"} for number in range(50)]
        items.append({"name": "b", "notes": "x" * (16 * 1_048_576 + 1)})
        path = self.home.file("e.json", json.dumps({"items": items}).encode())
        outcome = self.refuse(self.bring("bitwarden", path), 2)
        self.assertIn(b"longer than 16 MiB", outcome.err)
        self.assertEqual(self.names(), [])

    def test_values_too_long_together(self):
        """A dry run says what the import says."""
        half = "x" * (9 * 1_048_576)
        item = {"name": "a", "notes": half, "login": {"password": half}}
        path = self.home.file("e.json", json.dumps({"items": [item]}).encode())
        for words in ((), ("--dry-run",)):
            outcome = self.refuse(self.bring("bitwarden", path, *words), 2)
            self.assertIn(b"together longer than 16 MiB", outcome.err)
        self.assertEqual(self.names(), [])

    def test_too_long(self):
        path = self.home.file("e.json", b" " * (24 * 1_048_576 + 1))
        self.refuse(self.bring("bitwarden", path), 9)

    def test_many(self):
        items = [{"name": f"n{number}", "notes": f"v{number}"} for number in range(5_000)]
        path = self.home.file("e.json", json.dumps({"items": items}).encode())
        self.succeed(self.bring("bitwarden", path))
        self.assertHolds("n4999", b"v4999")
        outcome = self.succeed(self.bring("bitwarden", path, "--skip-existing"))
        self.assertEqual(outcome.out, b"imported 0 secrets; skipped 5000\n")

    def test_wiped_on_disk(self):
        """The blocks of a wiped file hold no value: another name of its inode shows them."""
        path = self.home.file("netrc", b"machine h password SECRETPART\n")
        with open(path, "rb") as held:
            self.succeed(self.bring("netrc", path, "--wipe-source"))
            self.assertFalse(os.path.exists(path))
            self.assertEqual(held.read().strip(b"\0"), b"")
        self.assertHolds("h", b"SECRETPART")

    def test_a_locked_vault_leaves_the_source(self):
        path = self.home.file("netrc", b"machine h password SECRETPART\n")
        self.home.key = self.home.file("wrong", b"no key")
        self.refuse(self.bring("netrc", path, "--wipe-source"), 3)
        self.assertTrue(os.path.exists(path))

    def test_no_value_in_what_is_said(self):
        """Every format, cut at every place: whatever is said, no value is among it (case E82)."""
        sources = {
            "bitwarden": b'{"items": [{"name": "a", "login": {"password": "SECRETPART"}}]}',
            "keepass-xml": b"<KeePassFile><Root><Group><Entry><String><Key>Password</Key>"
            b"<Value>SECRETPART</Value></String></Entry></Group></Root></KeePassFile>",
            "1password-csv": b'Title,Password\na,"SECRETPART"\n',
            "dotenv": b'A="SECRETPART"\n',
            "aws-credentials": b"[a]\naws_secret_access_key = SECRETPART\n",
            "npmrc": b"//h/:_authToken=SECRETPART\n",
            "netrc": b'machine h password "SECRETPART"\n',
            "zscaler-yaml": b"zscaler:\n  client:\n    clientSecret: 'SECRETPART'\n",
        }
        for form, content in sources.items():
            for place in range(0, len(content), 7):
                damaged = [content[:place], content[:place] + b"\0" + content[place:]]
                for number, bytes_ in enumerate(damaged):
                    path = self.home.file("source", bytes_)
                    outcome = self.bring(form, path, "--dry-run")
                    said = outcome.out + outcome.err
                    self.assertNotIn(b"SECRETPART", said, (form, place, number))
                    self.assertIn(outcome.code, (0, 1, 2), (form, place, number, outcome))


if __name__ == "__main__":
    unittest.main()
