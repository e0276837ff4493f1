# Kubernetes's clients ask coffer: what it prints fits the published form, and kubectl, where there is
# one, is let in with it.

import http.server
import json
import os
import subprocess
import unittest

from loopback import TLSServer
from support import COFFER, CofferTest, needs

try:
    from jsonschema import Draft202012Validator
except ImportError:
    Draft202012Validator = None

PATIENCE = 60
TOKEN = "Zq7.header.token-_"
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
KEY = b"-----BEGIN PRIVATE KEY-----\nMIG=\n-----END PRIVATE KEY-----\n"


def schema(version):
    """The documented fields of ExecCredential in client.authentication.k8s.io: in its status a token,
    a certificate with its key, or both, and when it ends."""
    text = {"type": "string", "minLength": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "additionalProperties": False,
        "required": ["apiVersion", "kind", "status"],
        "properties": {
            "apiVersion": {"const": f"client.authentication.k8s.io/{version}"},
            "kind": {"const": "ExecCredential"},
            "spec": {"type": "object"},
            "status": {
                "type": "object", "additionalProperties": False,
                "properties": {
                    "expirationTimestamp": {
                        "type": "string",
                        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
                    "token": text, "clientCertificateData": text, "clientKeyData": text,
                },
                "dependentRequired": {
                    "clientCertificateData": ["clientKeyData"],
                    "clientKeyData": ["clientCertificateData"]},
                "anyOf": [{"required": ["token"]}, {"required": ["clientKeyData"]}],
            },
        },
    }


class KubernetesTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.store("k8s/ci", TOKEN.encode())

    def store_certificate(self, **more):
        line = {"name": "k8s/cert", "fields": {"client_certificate": CERTIFICATE.decode()},
                "secrets": {"client_key": KEY.decode()} | more}
        self.succeed(self.coffer("import", "--json-lines", "-", stdin=json.dumps(line).encode()))

    def ask(self, *words, version=None, **spec):
        extra = {}
        if version:
            extra["KUBERNETES_EXEC_INFO"] = json.dumps({
                "kind": "ExecCredential", "spec": spec,
                "apiVersion": f"client.authentication.k8s.io/{version}"})
        return self.coffer("helper kubernetes", *words, extra=extra)


@unittest.skipUnless(Draft202012Validator, "needs jsonschema (Tests/Integration/requirements.txt)")
class FormTest(KubernetesTest):
    def assertFits(self, outcome, version):
        found = json.loads(self.succeed(outcome).out)
        Draft202012Validator(schema(version)).validate(found)
        return found["status"]

    def test_a_token_in_the_form_that_is_asked_for(self):
        for version in ("v1", "v1beta1"):
            status = self.assertFits(
                self.ask("k8s/ci", version=version, interactive=True), version)
            self.assertEqual(status, {"token": TOKEN})
        self.assertEqual(self.assertFits(self.ask("k8s/ci"), "v1"), {"token": TOKEN})
        self.refuse(self.ask("k8s/ci", version="v1alpha1"), 2)

    def test_the_form_refuses_what_is_none(self):
        """The control of the schema."""
        whole = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
        for status in ({}, {"clientKeyData": "x"}, {"token": ""}, {"token": "x", "more": 1},
                       {"token": "x", "expirationTimestamp": "tomorrow"}):
            checked = Draft202012Validator(schema("v1"))
            self.assertFalse(checked.is_valid(whole | {"status": status}), status)

    def test_a_certificate_and_its_key(self):
        self.store_certificate()
        status = self.assertFits(self.ask("k8s/cert"), "v1")
        self.assertEqual(status["clientCertificateData"].encode(), CERTIFICATE)
        self.assertEqual(status["clientKeyData"].encode(), KEY)
        self.assertNotIn("token", status)

    def test_both_and_when_they_end(self):
        self.store_certificate(token=TOKEN)
        self.succeed(self.coffer("edit", "k8s/cert", "--expires", "2031-01-01"))
        status = self.assertFits(self.ask("k8s/cert"), "v1")
        self.assertEqual(status["token"], TOKEN)
        self.assertEqual(status["expirationTimestamp"], "2031-01-01T00:00:00Z")
        self.assertIn("clientKeyData", status)

    def test_a_field_that_is_named(self):
        self.store_certificate(a="first", b="second")
        self.assertEqual(self.assertFits(self.ask("k8s/cert#b"), "v1"), {"token": "second"})

    def test_a_token_with_a_line_end_is_no_header(self):
        self.store("k8s/lines", TOKEN.encode() + b"\r\nX-Remote-User: admin")
        self.refuse(self.ask("k8s/lines"), 8)

    def test_where_nobody_is_there_nobody_is_asked(self):
        extra = {"KUBERNETES_EXEC_INFO": json.dumps({
            "kind": "ExecCredential", "spec": {"interactive": False},
            "apiVersion": "client.authentication.k8s.io/v1"})}
        outcome = self.refuse(self.home.run("helper", "kubernetes", "k8s/ci", extra=extra), 3)
        self.assertIn(b"lets nobody be asked", outcome.err)
        extra["COFFER_KEY_FILE"] = self.home.key
        self.succeed(self.home.run("helper", "kubernetes", "k8s/ci", extra=extra))


@needs("kubectl", "openssl")
class KubectlTest(KubernetesTest):
    def test_the_server_sees_the_token(self):
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append(self.headers.get("Authorization"))
                content = b'{"major": "1", "minor": "32", "gitVersion": "v1.32.0"}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        # No credential is sent over plain HTTP.
        server = TLSServer(self.home, Handler)
        self.addCleanup(server.stop)
        config = self.home.file("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {
                "server": f"https://{server.place}",
                "certificate-authority": server.certificate}}],
            "users": [{"name": "u", "user": {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "command": COFFER,
                "args": ["--key-file", self.home.key, "helper", "kubernetes", "k8s/ci"],
                "interactiveMode": "Never"}}}],
        }).encode())
        done = subprocess.run(
            ["kubectl", "--kubeconfig", config, "get", "--raw", "/version"],
            env=self.home.environment | {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"},
            capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(set(seen), {f"Bearer {TOKEN}"})


if __name__ == "__main__":
    unittest.main()
