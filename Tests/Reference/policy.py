"""Jobs, deliveries and grants: docs/spec/vault-format.md, "Policy"."""

import hashlib
import hmac
import re

import hpke
import primitives as p
from container import is_bytes, is_number
from metadata import Cursor, Malformed, Metadata, demand, is_name, text, unpacked
from refusal import Refusal, need

GRANT, JOB, DELIVERY = 1, 2, 3
LONGEST = {GRANT: 65_536, JOB: 65_536, DELIVERY: 35_651_584}


def u(width, value):
    return value.to_bytes(width // 8, "big")


def digest(rows):
    """What the head says of rows of (kind, id, digest)."""
    return hashlib.sha256(b"".join(
        u(8, kind) + identifier + digest_ for kind, identifier, digest_ in sorted(rows))).digest()


def named(cursor):
    name = cursor.prefixed()
    demand(is_name(name))
    return name


class Job:
    def __init__(self, identifier, plaintext):
        cursor = Cursor(plaintext)
        self.id, self.name = identifier, named(cursor)
        self.public, self.shared = cursor.take(32), cursor.take(32)
        self.created, self.deliveries = cursor.number(8), []
        for _ in range(cursor.number(4)):
            self.deliveries.append((named(cursor), cursor.take(16), cursor.number(8)))
        cursor.end()
        secrets = [secret for secret, _, _ in self.deliveries]
        demand(secrets == sorted(set(secrets)) and len(secrets) <= 256)


class Grant:
    def __init__(self, identifier, plaintext):
        cursor = Cursor(plaintext)
        self.id, self.rid, self.secret = identifier, cursor.take(16), named(cursor)
        self.path = text(cursor.prefixed(), 1, 4_096)
        demand(self.path.startswith(b"/") and b"\0" not in self.path)
        self.digest, self.created, self.expires = (
            cursor.take(32), cursor.number(8), cursor.number(8))
        self.note = text(cursor.prefixed(), 0, 1_024)
        cursor.end()


class Policy:
    """Every row, held against the head, and what is for the vault itself opened."""

    def __init__(self, container, root, vault, epoch, expected):
        self.vault, self.jobs, self.grants, self.deliveries = vault, [], [], {}
        rows = container.rows("SELECT kind, id, digest, blob FROM policy ORDER BY kind, id")
        for kind, identifier, digest_, blob in rows:
            need(is_number(kind, 1, 3) and is_bytes(identifier, 16) and is_bytes(digest_, 32)
                 and is_bytes(blob) and 128 <= len(blob) <= LONGEST[kind]
                 and hashlib.sha256(blob).digest() == digest_, "integrity", "a row of the policy")
        need(hmac.compare_digest(digest([row[:3] for row in rows]), expected), "integrity",
             "the policy is not that of the head")
        key = p.subkey(root, vault, epoch, "policy")
        for kind, identifier, _, blob in rows:
            if kind == DELIVERY:
                self.deliveries[identifier] = blob
                continue
            context = p.domain("policy") + vault + u(32, epoch) + u(8, kind) + identifier
            padded = p.open_sealed(key, context, blob)
            value = None if padded is None else p.unpadded(padded)
            need(value is not None, "integrity", "a job or grant does not open")
            try:
                (self.grants if kind == GRANT else self.jobs).append(
                    (Grant if kind == GRANT else Job)(identifier, value))
            except Malformed:
                raise Refusal("integrity", "a job or grant is not as written") from None
        self.check_deliveries()

    def check_deliveries(self):
        """There is a row for each delivery of each job, and no other."""
        found = [delivery_id(self.vault, job.id, job.shared, secret)
                 for job in self.jobs for secret, _, _ in job.deliveries]
        need(sorted(found) == sorted(self.deliveries), "integrity", "a delivery of no job")
        names = [job.name for job in self.jobs]
        need(len(names) == len(set(names)), "integrity", "two jobs of a name")

    def lines(self):
        for job in sorted(self.jobs, key=lambda job: job.name):
            yield f"job {job.name.decode()} {job.id.hex()}"
            for secret, rid, expires in job.deliveries:
                yield f"delivery {secret.decode()} {rid.hex()} {expires}"
        for grant in sorted(self.grants, key=lambda grant: (grant.secret, grant.path)):
            yield f"grant {grant.secret.decode()} {grant.path.decode()} {grant.digest.hex()}"


def delivery_id(vault, job, shared, secret):
    return p.hkdf(vault, shared, p.domain("delivery-id") + job + p.lp(secret), 16)


class Identity:
    """The file of a job; Refusal if it is none."""

    FORM = re.compile(
        rb"(coffer-job-1\nvault ([0-9a-f]{32})\njob ([0-9a-f]{32})\nname ([^\n]*)\n"
        rb"key ([0-9a-f]{64})\nshared ([0-9a-f]{64})\nsum )([0-9a-f]{8})\n")

    def __init__(self, content):
        form = self.FORM.fullmatch(content)
        need(form is not None and is_name(form[4]) and len(content) <= 512, "locked",
             "no identity of a job")
        summed = hashlib.sha256(p.domain("job-identity") + form[1]).hexdigest()[:8]
        need(summed.encode() == form[7], "locked", "an identity that was damaged")
        self.vault, self.job = bytes.fromhex(form[2].decode()), bytes.fromhex(form[3].decode())
        self.name = form[4]
        self.private, self.shared = (bytes.fromhex(form[place].decode()) for place in (5, 6))


def collected(container, identity, name, now, reason):
    """Metadata, version and fields of what is delivered to a job under that name."""
    identifier = delivery_id(identity.vault, identity.job, identity.shared, name)
    rows = container.rows(
        "SELECT digest, blob FROM policy WHERE kind = ? AND id = ?", DELIVERY, identifier)
    need(rows, "missing", "not delivered")
    digest_, blob = rows[0]
    need(is_bytes(blob) and 128 <= len(blob) <= LONGEST[DELIVERY]
         and hashlib.sha256(blob).digest() == digest_, "integrity", "a row of the policy")
    padded = hpke.opened(
        identity.private, p.domain("delivery") + identity.vault + identity.job,
        p.domain("delivery-aad") + identifier + blob[:16], blob[16:], identity.shared,
        identity.job)
    value = None if padded is None else p.unpadded(padded)
    need(value is not None, "integrity", "a delivery does not open")
    try:
        cursor = Cursor(value)
        cursor.take(16)
        metadata, packed = Metadata(cursor.prefixed()), cursor.prefixed()
        cursor.end()
        version = metadata.version("current")
        demand(metadata.name == name and version is not None and len(metadata.versions) == 1)
        secrets = unpacked(packed, version.fields)
    except Malformed:
        raise Refusal("integrity", "a delivery is not as written") from None
    expires = int.from_bytes(blob[8:16], "big")
    need(expires == 0 or now < expires, "refused", "its time is over")
    need(reason or not metadata.needs_reason, "refused", "no reason")
    return metadata, version, secrets
