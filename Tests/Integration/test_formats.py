# Values in the notations of other programs, read back by those: what coffer writes with `get
# --format` and `inject` is what was stored, or is refused.

import base64
import json
import os
import subprocess
import unittest
import urllib.parse

import dotenv
import yaml

from support import AWKWARD, COFFER, PATIENCE, CofferTest, needs

# Every quote, escape, expansion and break that one of the readers knows.
NASTY = [
    b"plain", b"it's", b'say "x"', b"both ' and \"", b"back\\slash", b"two\\\\", b"end\\",
    b"\\n is no break", b"\\'", b"$HOME", b"${HOME}", b"${HOME:-x}", b"$(id)", b"`id`", b"'$x'",
    b"a\nb", b"a\r\nb", b"\n", b" lead and trail ", b"\t", b"#no comment", b"a #b", b"a=b", b"=",
    b"export X=1", b"!history", b"~", b"*", b"%s%n", b"&amp; <b>", b"- a", b": b", b"{a: b}", b"[1]",
    b"null", b"true", b"1e3", b"0x10", b"---", b"...", b"'", b'"', b"''", b'""', b"\\",
    "é ü 🔑 \u2028 \u0085 \u00a0 \ufeff".encode(), b"\x01\x1b[31m\x7f", b"f\xfcr", b"\x00", b"a\x00b",
    b"{{ coffer://other }}", b"x" * 70_000, AWKWARD,
]


def is_text(value):
    try:
        value.decode()
        return True
    except UnicodeDecodeError:
        return False


class FormatCase(CofferTest):
    """Every nasty value, each in a secret of its own: V0, V1 and so on."""

    def setUp(self):
        super().setUp()
        self.make_vault()
        for index, value in enumerate(NASTY):
            self.store(f"v{index}", value)

    def formats(self, name):
        """What is written in a format: index → text, or None where it is refused."""
        written = {}
        for index in range(len(NASTY)):
            outcome = self.coffer("get", f"v{index}", "--format", name)
            if outcome.code:
                self.refuse(outcome, 2)
                self.assertIn(f'{name} cannot hold "v{index}#secret": it holds '.encode(), outcome.err)
                self.assertIn(b"hint: ", outcome.err)
            written[index] = None if outcome.code else outcome.out
        return written

    def read_by_shell(self, text, variable):
        path = self.home.file("sourced", text)
        done = subprocess.run(
            ["sh", "-c", '. "$1"; eval "printf %s \\"\\$$2\\""', "sh", path, variable],
            env=self.home.environment, capture_output=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, b""), text[:200])
        return done.stdout


class FormatTest(FormatCase):
    def test_a_shell_reads_what_was_stored(self):
        for index, text in self.formats("shell").items():
            value = NASTY[index]
            self.assertEqual(text is None, b"\0" in value, value[:80])
            if text is not None:
                self.assertEqual(self.read_by_shell(text, f"V{index}"), value)

    def test_a_shell_runs_what_is_substituted(self):
        done = subprocess.run(
            ["sh", "-c", f'eval "$("{COFFER}" get v1 --format shell --key-file key)"; env'],
            env=self.home.environment, cwd=self.home.path, capture_output=True, timeout=PATIENCE)
        self.assertIn(b"\nV1=it's\n", b"\n" + done.stdout)

    def test_env_files_mean_the_same_to_a_shell_and_to_python(self):
        held = 0
        for index, text in self.formats("dotenv").items():
            value = NASTY[index]
            if text is None:
                self.assertRegex(
                    value.decode("latin-1"),
                    "(?s)[\\x00\\r\\x80-\\xff]|\\$\\{|\\\\$|\\\\\\\\"
                    "|'.*[\"\\\\$`]|[\"\\\\$`].*'")
                continue
            held += 1
            self.assertEqual(self.read_by_shell(text, f"V{index}"), value)
            # Another line behind it: no quote runs on.
            path = self.home.file("e.env", text + b"NEXT=\"it's\"\n")
            for interpolate in (True, False):
                read = dotenv.dotenv_values(path, interpolate=interpolate)
                self.assertEqual(read, {f"V{index}": value.decode(), "NEXT": "it's"})
        self.assertGreater(held, len(NASTY) // 2)

    @needs("node")
    def test_env_files_mean_the_same_to_node(self):
        known = subprocess.check_output(["node", "-p", "typeof require('util').parseEnv"])
        if known.strip() != b"function":
            self.skipTest("needs a node with util.parseEnv")
        script = ("const f = require('fs').readFileSync(0, 'utf8');"
                  "process.stdout.write(JSON.stringify(require('util').parseEnv(f)))")
        for index, text in self.formats("dotenv").items():
            if text is None:
                continue
            out = subprocess.run(["node", "-e", script], input=text, capture_output=True, check=True)
            self.assertEqual(json.loads(out.stdout), {f"V{index}": NASTY[index].decode()})

    def test_lines_are_what_docker_reads(self):
        """Its reader takes lines apart at the first `=`, and drops a carriage return at their end;
        it refuses what is not UTF-8, and a line that does not fit in 64 KiB with its end."""
        for index, text in self.formats("env").items():
            value = NASTY[index]
            unfit = [byte for byte in b"\0\n\r" if byte in value]
            is_long = len(f"V{index}=") + len(value) >= 65_536
            self.assertEqual(
                text is None, bool(unfit) or not is_text(value) or is_long, value[:80])
            if text is not None:
                self.assertEqual(text, f"V{index}=".encode() + value + b"\n")

    def test_systemd_reads_what_was_stored(self):
        for index, text in self.formats("systemd").items():
            value = NASTY[index]
            if text is None:
                self.assertTrue(b"\0" in value or not is_text(value) or "\ufeff" in value.decode())
                continue
            self.assertEqual(read_by_systemd(text), {f"V{index}".encode(): value})
            # Its double quotes have the rules of a shell's.
            self.assertEqual(self.read_by_shell(text, f"V{index}"), value)

    def test_json_is_what_was_stored(self):
        for index, text in self.formats("json").items():
            self.assertEqual(text is None, not is_text(NASTY[index]))
            if text is not None:
                self.assertEqual(json.loads(text), {"secret": NASTY[index].decode()})

    def test_a_manifest_holds_every_value(self):
        for index, text in self.formats("k8s").items():
            manifest = yaml.safe_load(text)
            self.assertEqual(
                (manifest["apiVersion"], manifest["kind"], manifest["type"]),
                ("v1", "Secret", "Opaque"))
            self.assertEqual(manifest["metadata"], {"name": f"v{index}"})
            self.assertEqual(base64.b64decode(manifest["data"]["secret"], validate=True), NASTY[index])

    @needs("kubectl")
    def test_kubectl_reads_a_manifest(self):
        self.succeed(self.coffer(
            "import", "--json-lines", "-",
            stdin=json.dumps({"name": "K8S/Odd_name.1", "fields": {"null": "1234", "true": "x"},
                              "secrets": {"yes": AWKWARD.decode()}}).encode()))
        text = self.succeed(self.coffer("get", "K8S/Odd_name.1", "--format", "k8s")).out
        self.home.file("secret.yaml", text)
        self.home.file("kustomization.yaml", b"resources: [secret.yaml]\n")
        done = subprocess.run(
            ["kubectl", "kustomize", self.home.path], capture_output=True, timeout=60,
            env=self.home.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        read = yaml.safe_load(done.stdout)
        self.assertEqual(read["metadata"]["name"], "k8s-odd-name-1")
        self.assertEqual(
            {name: base64.b64decode(value) for name, value in read["data"].items()},
            {"null": b"1234", "true": b"x", "yes": AWKWARD})

    def test_a_manifest_is_no_longer_than_kubernetes_takes(self):
        self.store("big", b"x" * 1_048_576)
        self.succeed(self.coffer("get", "big", "--format", "k8s"))
        self.store("bigger", b"x" * 1_048_577)
        self.refuse(self.coffer("get", "bigger", "--format", "k8s"), 2)

    def test_a_file_of_a_profile_is_no_variable(self):
        key = json.dumps({"type": "service_account", "private_key": "x"}).encode()
        self.store("gcp", key, "--issuer", "google-service-account")
        for name in ("env", "dotenv", "shell", "systemd"):
            outcome = self.refuse(self.coffer("get", "gcp", "--format", name), 2)
            self.assertIn(b"is the path of a file", outcome.err)

    def test_variables_are_those_of_run(self):
        self.store("z", b"value-of-z", "--issuer", "zpa", "--set", "client_id=c", "--set",
                   "customer_id=1")
        job = self.succeed(self.coffer("run", "--secret", "z", "--", "env")).out
        text = self.succeed(self.coffer("get", "z", "--format", "env")).out
        self.assertGreaterEqual(len(text.splitlines()), 3)
        self.assertLessEqual(set(text.splitlines()), set(job.splitlines()))


def read_by_systemd(text):
    """A reader of systemd.exec(5)'s environment files, of assignments in double quotes alone."""
    variables, rest = {}, text
    while rest:
        name, rest = rest.split(b'="', 1)
        value = b""
        while not rest.startswith(b'"'):
            if rest[:1] == b"\\" and rest[1:2] in b'"\\`$\n':
                value += b"" if rest[1:2] == b"\n" else rest[1:2]
                rest = rest[2:]
            else:
                value += rest[:1]
                rest = rest[1:]
        assert rest.startswith(b'"\n')
        variables[name], rest = value, rest[2:]
    return variables


class InjectTest(FormatCase):
    def fill(self, template, *words):
        return self.coffer("inject", "-i", "-", *words, stdin=template)

    def test_filters_are_undone_by_their_readers(self):
        for index, value in enumerate(NASTY):
            name = f"coffer://v{index}".encode()
            with self.subTest(value=value[:80]):
                out = self.succeed(self.fill(b"[{{ %s }}]" % name)).out
                self.assertEqual(out, b"[" + value + b"]")
                out = self.succeed(self.fill(b"{{ %s | url }}" % name)).out
                self.assertEqual(urllib.parse.unquote_to_bytes(out.decode("ascii")), value)
                out = self.succeed(self.fill(b"{{ %s | base64 }}" % name)).out
                self.assertEqual(base64.b64decode(out, validate=True), value)
                shell = self.fill(b"V={{ %s | shell }}\n" % name)
                if b"\0" in value:
                    self.refuse(shell, 2)
                else:
                    self.assertEqual(self.read_by_shell(self.succeed(shell).out, "V"), value)
                for filter, load in ((b"json", json.loads), (b"yaml", yaml.safe_load)):
                    filled = self.fill(b'{"a": [{{ %s | %s }}, 1]}' % (name, filter))
                    if is_text(value):
                        self.assertEqual(load(self.succeed(filled).out), {"a": [value.decode(), 1]})
                    else:
                        self.refuse(filled, 2)

    def test_each_secret_is_opened_and_logged_once(self):
        before = self.uses()
        self.succeed(self.fill(b"{{ coffer://v0 }}{{ coffer://v0#secret | json }}{{ coffer://v1 }}"))
        self.assertEqual(self.uses() - before, 2)

    def uses(self):
        log = self.succeed(self.coffer("audit log", "--json"))
        return log.out.count(b'"v0"') + log.out.count(b'"v1"')

    def test_limits(self):
        self.store("mib", b"m" * 1_048_576)
        self.assertEqual(
            len(self.succeed(self.fill(b"{{ coffer://mib }}" * 64)).out), 64 * 1_048_576)
        outcome = self.refuse(self.fill(b"{{ coffer://mib }}" * 65), 2)
        self.assertIn(b"longer than 64 MiB", outcome.err)
        self.succeed(self.fill(b"x" * (16 << 20)))
        outcome = self.refuse(self.fill(b"x" * ((16 << 20) + 1)), 2)
        self.assertIn(b"the template is longer than 16 MiB", outcome.err)

    def test_a_full_disk_leaves_no_part_of_a_file(self):
        import resource

        def small():
            resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))

        self.store("long", b"l" * (1 << 20))
        path = self.home.file("out", b"as it was")
        outcome = self.fill_file(path, preexec_fn=small)
        self.refuse(outcome, 9)
        self.assertIn(b"the output cannot be written", outcome.err)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"as it was")
        self.assertEqual(
            [name for name in os.listdir(self.home.path) if name.startswith(".coffer-")], [])
        self.succeed(self.fill_file(path))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"l" * (16 << 20))

    def fill_file(self, path, **options):
        return self.coffer(
            "inject", "-i", "-", "-o", path, "--replace", stdin=b"{{ coffer://long }}" * 16,
            **options)


if __name__ == "__main__":
    unittest.main()
