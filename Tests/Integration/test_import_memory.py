# What an import leaves in memory when it ends: of no format a value (attack cases F97, F98).

import base64
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import frozen
from frozen import Frozen, describe, find
from support import CofferTest, as_root, needs


def sources(value):
    """A source of each format of text with one secret in it."""
    text = value.decode()
    pair = base64.b64encode(b"user:" + value).decode()
    return {
        "keepass-xml": "<KeePassFile><Root><Group><Entry><String><Key>Password</Key><Value>"
        f"{text}</Value></String></Entry></Group></Root></KeePassFile>",
        "keepass-csv": f'"Account","Password"\n"a","{text}"\n',
        "bitwarden": json.dumps({"items": [{"name": "a", "login": {"password": text}}]}),
        "1password-csv": f'Title,Username,Password,Tags\na,u,"{text}",x\n',
        "dotenv": f"A={text}\n",
        "aws-credentials": f"[a]\naws_secret_access_key = {text}\n",
        "aws-csv": f"Access key ID,Secret access key\nAKIA,{text}\n",
        "google-key": json.dumps({"type": "service_account", "private_key": text}),
        "zscaler-yaml": f"zscaler:\n  client:\n    clientSecret: '{text}'\n",
        "zscaler-json": json.dumps({"zpa_client_secret": text}),
        "netrc": f"machine h login u password {text}\n",
        "npmrc": f"//h/:_authToken={text}\n",
        "pypirc": f"[a]\npassword: {text}\n",
        "docker": json.dumps({"auths": {"h": {"auth": pair}}}),
    }


@as_root
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class ImportMemoryTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.value = secrets.token_urlsafe(90).encode()

    def assertNothingLeft(self, form, path, *words, code=0):
        """At every system call the value stands in locked memory only, and at the end nowhere."""
        words = ["import", "--key-file", self.home.key, "--from", form, path, *words]
        wanted = {self.value[:48], base64.b64encode(b"user:" + self.value)[8:56]}
        unlocked, is_seen = [], False
        with Frozen(self.home, words) as process:
            for called, _ in process.calls():
                if called == frozen.EXIT_GROUP:
                    break
                for region in frozen.memory(process.pid, "rw", largest=4 << 20):
                    if any(shape in region.content for shape in wanted):
                        is_seen = True
                        if not region.is_locked:
                            unlocked.append(region.line)
            hits = find(process.pid, value=self.value)
            self.assertEqual(process.finish()[0], code)
        self.assertTrue(is_seen, "the control: it is seen")
        self.assertEqual(unlocked, [])
        self.assertEqual(describe(hits), [])

    def test_texts(self):
        for form, content in sources(self.value).items():
            with self.subTest(form=form):
                path = self.home.file("source", content.encode())
                self.assertNothingLeft(form, path, "--prefix", f"{form}/")
                (name,) = [name for name in self.names() if name.startswith(f"{form}/")]
                if form == "google-key":
                    self.assertHolds(name, content.encode())
                else:
                    self.assertHolds(name, self.value)

    def test_sources_that_are_cut(self):
        for form, content in sources(self.value).items():
            end = content.index("dXNlcj" if form == "docker" else self.value.decode()) + 80
            with self.subTest(form=form):
                path = self.home.file("source", content[:end].encode() + b"\0\xff")
                outcome = self.coffer("import", "--from", form, path, "--dry-run")
                self.assertNothingLeft(form, path, "--dry-run", code=outcome.code)

    @needs("unzip")
    def test_archive(self):
        path = f"{self.home.path}/a.1pux"
        login = {"loginFields": [{"designation": "password", "value": self.value.decode()}]}
        vault = {"items": [{"overview": {"title": "t"}, "details": login}]}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("export.data", json.dumps({"accounts": [{"vaults": [vault]}]}))
        self.assertNothingLeft("1pux", path)
        self.assertHolds("t", self.value)

    @needs("gpg")
    def test_entry_of_pass(self):
        folder = tempfile.mkdtemp(prefix="gpg-", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.home.environment["GNUPGHOME"] = folder
        self.addCleanup(self.program, "gpgconf", "--kill", "all")
        self.program(
            "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "me@x.example",
            "default", "default", "never",
        )
        os.makedirs(f"{self.home.path}/store")
        self.program(
            "gpg", "--batch", "--quiet", "--encrypt", "--recipient", "me@x.example", "--output",
            f"{self.home.path}/store/a.gpg", stdin=b"first\ntoken: " + self.value + b"\nuser: u\n",
        )
        self.assertNothingLeft("pass", f"{self.home.path}/store")
        self.assertHolds("a#token", self.value)

    def program(self, *words, stdin=b""):
        subprocess.run(
            words, env=self.home.environment, input=stdin, check=True, capture_output=True)


if __name__ == "__main__":
    unittest.main()
