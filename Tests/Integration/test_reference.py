"""The reader that was written from the specification agrees with the program, byte for byte."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import zlib

from reference_case import LOG_SPEC, ROOT, SPEC, VECTORS, ExampleCase, ReferenceCase, reader, tree, writer

p = reader.p

# Lengths of values around every kind of bucket and around chunks of 16,384 bytes.
EDGES = sorted({
    edge + step
    for edge in (59, 123, 1_019, 1_083, 2_043, 4_091, 16_379, 32_763, 49_147, 65_531, 1_048_571)
    for step in (-1, 0, 1)
} | {1, 2, 16_384, 32_768, 17_403, 16_777_216})


def pattern(count):
    """Bytes of every value that do not repeat early."""
    block = hashlib.sha512(str(count).encode()).digest() + bytes(range(256))
    return (block * (count // len(block) + 1))[:count]


class Sizes(ReferenceCase):
    def test_values_of_every_bucket_and_chunk_edge_agree(self):
        self.make()
        for count in EDGES:
            with self.subTest(count=count):
                value = pattern(count)
                self.coffer("capture", f"n/{count}", "--stdin", data=value)
                self.agree("get", f"n/{count}", output=value)
        with self.connected() as connection:
            lengths = [row[0] for row in connection.execute("SELECT length(blob) FROM record")]
        padded = [p.bucket(5 + count) for count in EDGES]
        self.assertEqual(
            lengths, [56 + count + 16 * (count // 16_384 + 1) for count in padded])
        self.agree("list")

    def test_a_longer_value_is_not_stored(self):
        self.make()
        self.coffer("capture", "n", "--stdin", data=b"x" * 16_777_217, code=9)
        self.agree("get", "n", code=4)

    def test_metadata_of_many_sizes_agrees(self):
        self.make()
        labels = ["x" * count for count in (1, 40, 41, 900, 1_024)]
        self.imported(*(
            {"name": f"n{number}", "secret": "s", "label": label,
             "fields": {f"f{place}": "y" * 16_384 for place in range(number * 20)}}
            for number, label in enumerate(labels)))
        for number, label in enumerate(labels):
            metadata = self.metadata(f"n{number}".encode())
            self.assertEqual(metadata.label, label.encode())
            self.assertEqual(len(metadata.fields), number * 20)
        self.agree("get", "n4#f79", output=b"y" * 16_384)
        self.agree("list")


class Stories(ReferenceCase):
    def test_versions_agree_in_value_and_state(self):
        self.make()
        for number in range(1, 5):
            self.coffer("capture", "a/b@c", "--stdin", "--replace", data=b"value %d" % number)
        for number in range(1, 5):
            self.agree("get", f"a/b@c@{number}", output=b"value %d" % number)
        self.agree("get", "a/b@c", output=b"value 4")
        self.agree("get", "coffer://a/b@c@previous", output=b"value 3")
        self.agree("get", "a/b@c#secret@2", output=b"value 2")
        for reference in ("a/b@c@5", "a/b@c@pending", "a/b", "a/b@c#other", "a/b@c@0#x"):
            self.agree("get", reference, code=4)
        for reference in ("a/b@c#secret@x", "a/b@c#secret@01", "a//b", "a/../b", "#x"):
            self.agree("get", reference, code=2)
        states = [version.state for version in self.metadata(b"a/b@c").versions]
        self.assertEqual(states, [4, 4, 3, 2])

    def test_public_fields_agree_for_each_version(self):
        self.make()
        for sets in (("key_id=A", "cloud=beta"), ("key_id=B",), ("key_id=C", "role=ci")):
            self.coffer("capture", "aws/x", "--stdin", "--replace",
                        *(f"--set={word}" for word in sets), data=b"value")
        self.coffer("edit", "aws/x", "--unset", "cloud")
        for selector, value in (("@1", b"A"), ("@previous", b"B"), ("", b"C"), ("@3", b"C")):
            self.agree("get", f"aws/x#key_id{selector}", output=value)
        self.agree("get", "aws/x#role", output=b"ci")
        for reference in ("aws/x#role@1", "aws/x#role@previous", "aws/x#cloud@1", "aws/x#cloud"):
            self.agree("get", reference, code=4)
        self.assert_same(
            json.loads(self.coffer("show", "aws/x", "--json")), self.metadata(b"aws/x"))

    def test_several_fields_and_unicode_agree(self):
        self.make()
        self.imported(
            {"name": "two", "secrets": {"z": "Zé\u0000", "a": "\U0001f511"}, "issuer": "slack",
             "label": "Schlüssel für \u202eמפתח\u0007",
             "fields": {"owner": "Å", "empty": ""}, "tags": ["é", "z", "Z"],
             "expires": "9999-12-31T23:59:59Z",
             "maximum_age_seconds": 2**63 - 1, "managed_elsewhere": True},
            {"name": "one", "secrets": {"only": "x"}, "status": "disabled"})
        self.agree("get", "two#z", output="Zé\0".encode())
        self.agree("get", "two#a", output="\U0001f511".encode())
        self.agree("get", "two#owner", output="Å".encode())
        self.agree("get", "two#empty", output=b"")
        self.agree("get", "two", code=2)
        self.agree("get", "one", code=8)
        self.agree("list", output=b"one\ntwo\n")
        for name in ("one", "two"):
            shown = json.loads(self.coffer("show", name, "--json"))
            self.assert_same(shown, self.metadata(name.encode()))

    def assert_same(self, shown, metadata):
        self.assertEqual(shown["label"], metadata.label.decode())
        self.assertEqual(shown["issuer"], metadata.issuer.decode())
        self.assertEqual(shown["status"] == "disabled", metadata.disabled)
        self.assertEqual(
            list(shown["fields"].items()),
            [(name.decode(), value.decode()) for name, value in metadata.fields.items()])
        self.assertEqual(shown["tags"], [tag.decode() for tag in metadata.tags])
        self.assertEqual(shown["maximum_age_seconds"], metadata.maximum_age)
        self.assertEqual(shown["managed_elsewhere"], metadata.elsewhere)
        self.assertEqual(shown["requires_reason"], metadata.needs_reason)
        self.assertEqual(
            [(version["number"], version["secret_fields"]) for version in shown["versions"]],
            [(version.number, [field.decode() for field in version.fields])
             for version in metadata.versions])
        self.assertEqual(
            [version["own_fields"] for version in shown["versions"]],
            [{name.decode(): None if value is None else value.decode()
              for name, value in version.own.items()} for version in metadata.versions])
        for word, time in (("created", metadata.created), ("expires", metadata.expires)):
            seconds = None if time is None else iso(time // 1_000)
            self.assertEqual(shown[word], seconds)

    def test_removed_renamed_and_purged_secrets_agree(self):
        self.make()
        for name in ("a", "b", "c", "d"):
            self.coffer("capture", name, "--stdin", data=name.encode() * 9)
        self.coffer("rm", "a")
        self.coffer("rename", "b", "bee")
        self.coffer("purge", "c", "--yes")
        self.coffer("disable", "d")
        self.agree("list", output=b"bee\nd\n")
        for name, code in (("a", 4), ("b", 4), ("c", 4), ("d", 8), ("bee", 0)):
            self.agree("get", name, code=code)
        self.coffer("undelete", "a")
        self.coffer("enable", "d")
        self.agree("get", "a", output=b"a" * 9)
        self.agree("get", "d", output=b"d" * 9)

    def test_a_disabled_secret_is_read_when_that_is_asked_for(self):
        self.make()
        self.coffer("capture", "d", "--stdin", "--set", "status=disabled", data=b"value")
        self.agree("get", "d", code=8)
        self.assertEqual(self.coffer("get", "d", "--allow-disabled"), b"value")
        self.assertEqual(self.read("--allow-disabled", "get", "d"), (0, b"value"))

    def test_a_secret_that_needs_a_reason_is_read_by_those_who_give_one(self):
        self.make()
        self.coffer("capture", "d", "--stdin", data=b"value")
        self.coffer("edit", "d", "--require-reason", "yes")
        self.agree("get", "d", code=8)
        self.agree("get", "d", "--reason", "because", output=b"value")
        self.agree("list", output=b"d\n")
        self.coffer("edit", "d", "--require-reason", "no")
        self.agree("get", "d", output=b"value")

    def test_rows_that_are_in_the_log_alone_agree(self):
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"before")
        with self.connected() as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM record").fetchall()
            self.coffer("capture", "a", "--stdin", "--replace", data=b"after")
            os.mkdir(f"{self.home}/copy", 0o700)
            for name in ("vault.db", "vault.db-wal"):
                shutil.copy(f"{self.home}/v/{name}", f"{self.home}/copy/{name}")
        self.assertGreater(os.path.getsize(f"{self.home}/copy/vault.db-wal"), 0)
        self.vault = f"{self.home}/copy/vault.db"
        self.assertEqual(self.read("get", "a"), (0, b"after"))
        self.agree("get", "a", output=b"after")


class Keys(ReferenceCase):
    def test_both_kinds_of_slot_agree(self):
        passphrase = self.private("p", "caf\u00e9 correct horse\r\n")
        self.make("--passphrase-file", passphrase, "--kdf-memory", "64MiB",
                  "--recovery-file", f"{self.home}/code")
        self.coffer("capture", "a", "--stdin", data=b"value")
        for typed in ("caf\u00e9 correct horse\r\n", "cafe\u0301 correct horse\r"):
            self.assertEqual(self.read_with_passphrase(typed.encode(), "get", "a"), (0, b"value"))
            file = self.private("typed", typed)
            self.assertEqual(self.coffer("get", "a", key=["--passphrase-file", file]), b"value")
        for typed, code in (
                ("caf\u00e9 correct horse\n", 3), ("caf\u00e9 correct horse\r\n\n", 3),
                (" ", 3), ("", 2), ("\n", 2), ("a\0", 2), ("x" * 1_025, 2), ("x" * 1_024, 3)):
            with self.subTest(typed=typed[:30]):
                file = self.private("typed", typed)
                self.coffer("get", "a", key=["--passphrase-file", file], code=code)
                self.assertEqual(self.read_with_passphrase(typed.encode(), "list")[0], code)
        self.check_codes()

    def check_codes(self):
        code = pathlib.Path(f"{self.home}/code").read_text()
        key = pathlib.Path(self.key).read_text()
        self.assertEqual((len(code), len(key)), (63, 70))
        look_alike = code.lower().replace("1", "l").replace("0", "o").replace("-", " - \n")
        tried = [
            (code, 0), (key, 0), (look_alike, 0), ("coffer-key-1:" + code, 0), (key[13:], 0),
            (key.upper(), 3), (" " + key, 3), (code + "0", 3), (code[:-1], 3),
            (("2" if code[0] != "2" else "3") + code[1:], 3), (code.replace(code[3], "U"), 3),
            (p.raw_key_text(bytes(32)), 3), ("", 3), ("coffer-key-1:", 3),
            (code + " " * 961, 0), (code + " " * 962, 2)]
        for text, expected in tried:
            with self.subTest(text=text[:30]):
                file = self.private("tried", text)
                self.coffer("get", "a", key=["--key-file", file], code=expected)
                self.assertEqual(self.read("get", "a", key_file=file)[0], expected)

    def private(self, name, text):
        path = f"{self.home}/{name}"
        data = text if isinstance(text, bytes) else text.encode()
        with open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as sink:
            sink.write(data)
        return path

    def test_slots_that_come_and_go_agree(self):
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"value")
        for number in range(1, 8):
            self.coffer("slot", "add", "--new-key-file", f"{self.home}/k{number}")
        self.coffer("slot", "add", "--new-key-file", f"{self.home}/k8", code=1)
        self.coffer("slot", "remove", "3")
        for number in range(1, 8):
            code = 3 if number == 3 else 0
            file = f"{self.home}/k{number}"
            self.coffer("get", "a", key=["--key-file", file], code=code)
            self.assertEqual(self.read("get", "a", key_file=file)[0], code)


class WorkedExample(ExampleCase):
    def test_the_program_reads_what_the_reference_writer_wrote(self):
        self.agree("list", output=b"slack/bot\nzpa/prod/ci\n")
        self.agree("get", "zpa/prod/ci", output=writer.ZPA_VALUE)
        self.agree("get", "slack/bot", code=8)
        for name, value in self.example.slack_fields:
            reference = f"slack/bot#{name.decode()}"
            self.assertEqual(self.coffer("get", reference, "--allow-disabled"), value)
            self.assertEqual(self.read("--allow-disabled", "get", reference), (0, value))
        self.assertEqual(
            self.read_with_passphrase(writer.PASSPHRASE, "get", "zpa/prod/ci"),
            (0, writer.ZPA_VALUE))
        passphrase = f"{self.home}/p"
        with open(os.open(passphrase, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as sink:
            sink.write(writer.PASSPHRASE)
        key = ["--passphrase-file", passphrase]
        self.assertEqual(self.coffer("get", "zpa/prod/ci", key=key), writer.ZPA_VALUE)

    def test_the_program_changes_what_the_reference_writer_wrote(self):
        self.coffer("capture", "zpa/prod/ci", "--stdin", "--replace", data=b"next")
        self.coffer("edit", "zpa/prod/ci", "--set", "cloud=GOV", "--tag", "eu")
        self.agree("get", "zpa/prod/ci", output=b"next")
        self.agree("get", "zpa/prod/ci@previous", output=writer.ZPA_VALUE)
        self.agree("get", "zpa/prod/ci#cloud", output=b"GOV")

    def test_the_document_shows_these_values(self):
        spec = SPEC.read_text(encoding="utf-8")
        self.assertTrue(writer.document() in spec, "writer.py prints other values")
        self.assertTrue(
            writer.audit_document() in LOG_SPEC.read_text(encoding="utf-8"),
            "writer.py prints another log")
        for migration in sorted((ROOT / "migrations").glob("*.sql")):
            self.assertIn(f"```sql\n{migration.read_text().rstrip()}\n```", spec)
        rows = [line.replace(",", "").split("|")[1:-1] for line in spec.splitlines()
                if line.startswith("|") and line.count("|") == 8]
        buckets = [[int(cell.strip() or 0) for cell in row] for row in rows
                   if row[0].strip().isdigit()]
        self.assertGreater(len(buckets), 10)
        for value, count, *_, bucket, blob in buckets:
            self.assertEqual((value + 5, p.bucket(count)), (count, bucket))
            self.assertEqual(56 + bucket + 16 * (bucket // 16_384 + 1), blob)

    def test_the_reader_runs_as_a_program(self):
        result = subprocess.run(
            [sys.executable, ROOT / "Tests/Reference/reader.py", self.vault, "--key-file",
             self.key, "get", "zpa/prod/ci"], capture_output=True, timeout=60)
        self.assertEqual((result.returncode, result.stdout), (0, writer.ZPA_VALUE))


@unittest.skipUnless(VECTORS.is_dir(), "the public vectors are not beside the project")
class Vectors(unittest.TestCase):
    def test_every_value_of_the_format_is_that_of_the_known_answers(self):
        known = json.loads((VECTORS / "coffer1-kat.json").read_text())
        example, record, meta = writer.Example(), known["record"], known["meta"]
        self.assertEqual(
            [slot.hex() for slot in example.slots],
            [known["slot_passphrase"]["record"], known["slot_raw"]["record"]])
        for label, key in example.keys.items():
            self.assertEqual(key.hex(), known["subkeys"][label])
        self.assertEqual(example.record_rows()[0][5].hex(), record["blob"])
        name, rid = meta["name"].encode(), bytes.fromhex(record["rid"])
        bare = writer.metadata(name, [])
        self.assertEqual(writer.padded(bare).hex(), meta["padded"])
        row = example.metadata_row(name, rid, bare, bytes.fromhex(meta["salt"]))
        self.assertEqual((row[0].hex(), row[4].hex()), (meta["blind_index"], meta["blob"]))
        for count, bucket in known["padding"].items():
            self.assertEqual(p.bucket(int(count)), bucket)
        self.assertEqual(example.deposit_key.hex(), known["deposit"]["pk"])

    def test_every_value_of_the_state_tree_is_that_of_the_known_answers(self):
        known = json.loads((VECTORS / "coffer1-kat.json").read_text())
        record, meta, example = known["record"], known["meta"], writer.Example()
        rid, index = bytes.fromhex(record["rid"]), bytes.fromhex(meta["blind_index"])
        leaves = [
            tree.of_record(rid, 1, 1, record["state"],
                           hashlib.sha256(bytes.fromhex(record["blob"])).digest()),
            tree.of_metadata(index, rid, meta["mver"], 1, bytes.fromhex(meta["blob"]))]
        self.assertEqual([leaf.hash.hex() for leaf in leaves], [record["leaf"], meta["leaf"]])
        nodes = [tree.EMPTY] * 256
        for leaf in leaves:
            code = example.codes.bucket(leaf.bucket, [leaf])
            self.assertEqual(code.hex(), known["tree"]["buckets"][str(leaf.bucket)])
            node, buckets = leaf.bucket >> 8, [tree.EMPTY] * 256
            buckets[leaf.bucket & 255] = code
            nodes[node] = example.codes.node(node, buckets)
            self.assertEqual(nodes[node].hex(), known["tree"]["nodes"][str(node)])
        self.assertEqual(tree.root(nodes).hex(), known["tree"]["root"])
        head = bytes.fromhex(known["head"]["bytes"])
        self.assertEqual(example.codes.head(head).hex(), known["head"]["mac"])
        tip = bytes.fromhex(known["audit"]["steps"][-1]["tip"])
        made = example.head(tree.root(nodes), 1, 1, generation=7, audit=(2, 3, tip))
        self.assertEqual(made, head)

    def test_cobblestone_vectors_open_or_are_refused(self):
        name = "wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json"
        groups = json.loads((VECTORS / name).read_text())["testGroups"]
        results = []
        for case in (case for group in groups for case in group["tests"]):
            key, context, packed = (bytes.fromhex(case[part]) for part in ("key", "ctx", "ct"))
            if len(key) != 32:
                self.assertEqual(case["result"], "invalid")
                continue
            opened = p.open_sealed(key, context, zlib.decompress(packed))
            with self.subTest(case=case["tcId"], comment=case["comment"]):
                self.assertEqual(opened is not None, case["result"] == "valid")
                if opened is not None:
                    self.assertEqual(hashlib.sha512(opened).hexdigest(), case["msgSha512"])
            results.append(case["result"])
        self.assertGreaterEqual(results.count("valid"), 10)
        self.assertGreaterEqual(results.count("invalid"), 20)


def iso(seconds):
    import datetime
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    unittest.main()
