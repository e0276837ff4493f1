#!/usr/bin/env python3
"""Reads a vault as docs/spec/vault-format.md says, to see that it says enough.

It shares no code with the program. Values are in ordinary memory here: for tests, not for use.

    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--state FOLDER] list
    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--state FOLDER] [--allow-disabled] \
        [--reason TEXT] get REFERENCE
    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--state FOLDER] log
    reader.py VAULT [--key-file FILE | --passphrase-fd N] [--state FOLDER] [--receipt LINE] verify
    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--state FOLDER] policy
    reader.py VAULT --job-file FILE [--reason TEXT] get REFERENCE

A reference is NAME[#FIELD][@VERSION]. The folder is the one with the anchors. A reader changes
nothing: what it hands out is in no log.
"""

import argparse
import hashlib
import os
import re
import sys
import time

import primitives as p
from anchor import Anchor
from auditdetail import Opener
from auditlog import OPERATIONS, OUTCOMES, Place, Verified
from container import Container, check_file, is_bytes, is_number
from metadata import STATES, Malformed, Metadata, is_field, is_name, unpacked
from policy import Identity, Policy, collected
from refusal import EXIT_CODES, Refusal, need
from slots import PASSPHRASE, RAW_KEY, read_slots
from tree import Head, Tree

DESTROYED = 5
LONGEST_VALUE = {1: 16_777_216, 2: 16_842_752}
LONGEST_RECORD_BLOB = 17_318_472


class Vault:
    """An open vault."""

    def __init__(self, container, kind, key, state=None):
        self.container = container
        self.slots = read_slots(container)
        self.vault, self.epoch = self.slots[0].vault, self.slots[0].epoch
        root = None
        for slot in self.slots:
            root = root or slot.root(kind, key)
        need(root is not None, "locked", "wrong passphrase or key")
        self.record_key, self.metadata_key, self.index_key = (
            p.subkey(root, self.vault, self.epoch, label) for label in ("rec", "meta", "idx"))
        self.tree = Tree(container, root, self.vault, self.epoch)
        self.details = Opener(
            root, self.vault, self.epoch,
            container.rows("SELECT epoch, bytes FROM retired_key ORDER BY epoch"))
        place = Place(container, self.vault)
        place.check(self.tree.head)
        anchor = None if state is None else Anchor.read(state, self.vault)
        if anchor is not None:
            anchor.check(self.tree.head, place)
        self.policy = Policy(container, root, self.vault, self.epoch, self.tree.head.policy)

    def opened(self, key, context, blob):
        padded = p.open_sealed(key, context, blob)
        value = None if padded is None else p.unpadded(padded)
        need(value is not None, "integrity", "a blob does not fit its seal")
        return value

    def metadata(self, row):
        index, rid, revision, epoch, blob = row
        need(is_bytes(index, 16) and is_bytes(rid, 16) and is_bytes(blob)
             and is_number(revision, 1, 2**63 - 1) and epoch == self.epoch, "integrity", "a row")
        context = p.metadata_context(self.vault, self.epoch, rid, revision)
        try:
            return Metadata(self.opened(self.metadata_key, context, blob))
        except Malformed:
            raise Refusal("integrity", "metadata is not as it is written") from None

    def all(self):
        found = []
        for row in self.container.rows(
                "SELECT name_index, rid, revision, epoch, blob FROM metadata ORDER BY sid"):
            metadata = self.metadata(row)
            need(p.blind_index(self.index_key, metadata.name) == row[0], "integrity",
                 "a name under another's index")
            found.append(metadata)
        self.tree.check_all()
        return sorted(found, key=lambda metadata: metadata.name)

    def find(self, name):
        rows = self.container.rows(
            "SELECT name_index, rid, revision, epoch, blob FROM metadata WHERE name_index = ?",
            p.blind_index(self.index_key, name))
        if not rows:
            self.tree.check(p.blind_index(self.index_key, name))
            raise Refusal("missing", "no such secret")
        metadata = self.metadata(rows[0])
        need(metadata.name == name, "integrity", "another name")
        self.tree.check(rows[0][0])
        self.tree.check(rows[0][1])
        return rows[0][1], metadata

    def fetch(self, name, selector="current", allow_disabled=False, reason=None):
        """Metadata, version and the fields of one version."""
        self.container.rows("BEGIN")
        try:
            rid, metadata = self.find(name)
            need(metadata.removed is None, "missing", "removed")
            need(allow_disabled or not metadata.disabled, "refused", "disabled")
            need(reason or not metadata.needs_reason, "refused", "no reason")
            version = metadata.version(selector)
            need(version is not None, "missing", "no such version")
            need(version.state != DESTROYED, "missing", "destroyed")
            return metadata, version, self.record(rid, version)
        finally:
            self.container.rows("COMMIT")

    def record(self, rid, version):
        rows = self.container.rows(
            "SELECT epoch, state, digest, blob FROM record WHERE rid = ? AND version = ?",
            rid, version.number)
        need(rows, "integrity", "a version without its record")
        epoch, state, digest, blob = rows[0]
        need(epoch == self.epoch and state == version.state and is_bytes(blob)
             and digest == hashlib.sha256(blob).digest(), "integrity",
             "a row that does not fit the metadata")
        kind = 1 if len(version.fields) == 1 else 2
        need(len(blob) <= LONGEST_RECORD_BLOB, "integrity", "a record that is too long")
        context = p.record_context(self.vault, self.epoch, rid, version.number, kind)
        value = self.opened(self.record_key, context, blob)
        need(len(value) <= LONGEST_VALUE[kind], "integrity", "a value that is too long")
        try:
            return unpacked(value, version.fields)
        except Malformed:
            raise Refusal("integrity", "fields are not those of the metadata") from None

    def value(self, reference, allow_disabled=False, reason=None):
        name, named, selector = parsed(reference)
        metadata, version, secrets = self.fetch(name, selector, allow_disabled, reason)
        return chosen(metadata.fields_of(version), secrets, named)


def chosen(fields, secrets, named):
    """The field that is meant."""
    if named is None:
        need(len(secrets) == 1, "usage", "several secret fields")
        return next(iter(secrets.values()))
    if named in secrets:
        return secrets[named]
    need(named in fields, "missing", "no such field")
    return fields[named]


def parsed(reference):
    """Name, field or None, and version of NAME[#FIELD][@VERSION]."""
    rest, selector, named = reference.removeprefix(b"coffer://"), "current", None
    head, at, tail = rest.rpartition(b"@")
    if at:
        is_number_text = re.fullmatch(rb"[1-9][0-9]{0,9}", tail) and int(tail) < 2**32
        if tail.decode("latin-1") in STATES or is_number_text:
            rest, selector = head, int(tail) if is_number_text else tail.decode()
        else:
            need(b"#" not in head, "usage", "no reference")
    if b"#" in rest:
        rest, _, named = rest.partition(b"#")
        need(is_field(named), "usage", "no field")
    need(is_name(rest), "usage", "no name")
    return rest, named, selector


def verified(container, state=None, receipt=None):
    """The whole log, held against the head, the anchor and a receipt: that needs no key."""
    slots = read_slots(container)
    anchor = None if state is None else Anchor.read(state, slots[0].vault)
    log = Verified(container, slots[0].vault, None if anchor is None else anchor.first_key)
    head = Head(container, slots[0].vault, slots[0].epoch)
    log.check_head(head)
    if anchor is not None:
        log.check_anchor(anchor)
    if receipt is not None:
        log.check_receipt(receipt, head.generation)
    return log


def log_lines(vault, entries):
    """A line an entry: number, operation, outcome and the private part."""
    for entry in entries:
        detail = vault.details.opened(entry.number, entry.detail)
        need(entry.operation in OPERATIONS and entry.outcome in OUTCOMES, "integrity",
             f"entry {entry.number}: of no kind")
        words = [str(entry.number), OPERATIONS[entry.operation], OUTCOMES[entry.outcome]]
        for word in ("name", "new_name", "prefix", "recipient"):
            if word in detail:
                words.append(f"{word}={detail[word].decode()}")
        for word in ("version", "slot", "count"):
            if word in detail:
                words.append(f"{word}={detail[word]}")
        yield " ".join(words)


def offered(options):
    """The kind of key and the key."""
    if options.key_file is None:
        with os.fdopen(options.passphrase_fd, "rb") as source:
            typed = source.read(1_027)
        try:
            return PASSPHRASE, p.prepared(typed.removesuffix(b"\n"))
        except ValueError as error:
            raise Refusal("usage", str(error)) from None
    need(check_file(options.key_file) is not None, "missing", "no key file")
    with open(options.key_file, "rb") as source:
        text = source.read(1_025)
    need(len(text) <= 1_024, "usage", "the key file is longer than 1,024 bytes")
    try:
        return RAW_KEY, p.raw_key(text)
    except ValueError as error:
        raise Refusal("locked", str(error)) from None


def run(arguments):
    """The exit code, the output and what is to be said."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vault")
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--key-file")
    key.add_argument("--passphrase-fd", type=int)
    key.add_argument("--job-file")
    parser.add_argument("--allow-disabled", action="store_true")
    parser.add_argument("--reason")
    parser.add_argument("--state")
    parser.add_argument("--receipt")
    parser.add_argument("action", choices=["list", "get", "log", "verify", "policy"])
    parser.add_argument("reference", nargs="?")
    options = parser.parse_args(arguments)
    if (options.action == "get") != (options.reference is not None):
        parser.error("get takes a reference, and nothing else does")
    if options.job_file is not None:
        return run_job(options)
    is_locked = options.key_file is None and options.passphrase_fd is None
    if is_locked and options.action != "verify":
        parser.error("a key is needed")
    try:
        key = None if is_locked else offered(options)
        with Container(options.vault) as container:
            vault = None if key is None else Vault(container, *key, options.state)
            return 0, act(container, vault, options), ""
    except Refusal as refusal:
        return EXIT_CODES[refusal.kind], b"", str(refusal)


def run_job(options):
    """The same for a job: the vault stays locked."""
    try:
        need(check_file(options.job_file) is not None, "missing", "no identity")
        with open(options.job_file, "rb") as source:
            identity = Identity(source.read(513))
        name, named, selector = parsed(os.fsencode(options.reference or ""))
        with Container(options.vault) as container:
            slots = read_slots(container)
            need(slots[0].vault == identity.vault, "locked", "an identity of another vault")
            metadata, version, secrets = collected(
                container, identity, name, int(time.time() * 1_000), options.reason)
            need(selector in ("current", version.number), "missing", "another version")
            return 0, chosen(metadata.fields_of(version), secrets, named), ""
    except Refusal as refusal:
        return EXIT_CODES[refusal.kind], b"", str(refusal)


def act(container, vault, options):
    if options.action == "policy":
        return "".join(line + "\n" for line in vault.policy.lines()).encode()
    if options.action == "get":
        return vault.value(os.fsencode(options.reference), options.allow_disabled, options.reason)
    if options.action == "list":
        names = [secret.name for secret in vault.all() if secret.removed is None]
        return b"".join(name + b"\n" for name in names)
    log = verified(container, options.state, options.receipt)
    if options.action == "log":
        lines = log_lines(vault, log.entries)
    else:
        lines = [f"{len(log.entries)} entries, {log.seals} seals,"
                 f" {log.sealed_entries} entries sealed", *log.notes]
    return "".join(line + "\n" for line in lines).encode()


def main():
    code, output, words = run(sys.argv[1:])
    if words:
        print(f"reader: {words}", file=sys.stderr)
    sys.stdout.buffer.write(output)
    return code


if __name__ == "__main__":
    sys.exit(main())
