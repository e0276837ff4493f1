# The negative space of the format: each vector differs from a good one in one thing.

import coffer1 as c

RAW_KEY = bytes(range(0x11, 0x31))
SALT, SEAL_SALT = bytes(range(0x41, 0x61)), bytes(range(0x61, 0x79))
CREATED = 1_700_000_001


def flip(raw, at, mask=1):
    return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1:]


def vectors(vault, root, rid):
    for room, cases in [
            ("slot", slots(vault, root)), ("record", records(vault, root, rid)),
            ("metadata", descriptions(vault, root, rid)), ("raw-key", raw_keys()),
            ("passphrase", passphrases()), ("audit", details(vault, root)),
            ("codes", code_rows())]:
        for expect, name, body, *more in cases:
            yield room, name, {"expect": expect, **(more[0] if more else {})}, body


# Slots

RAW = dict(number=1, kind=3, epoch=1, memory=0, passes=0, lanes=0, argon=0, salt=SALT,
           created=CREATED)
TYPED = dict(RAW, kind=1, memory=19_456, passes=1, lanes=1, argon=0x13)


def slots(vault, root):
    opening = {"raw-key": RAW_KEY.hex()}
    kek = c.raw_slot_key(RAW_KEY, SALT)
    good = c.slot(c.slot_header(vault=vault, **RAW), kek, root, SEAL_SALT)

    def made(base, **changes):
        fields = dict(base, vault=vault) | changes
        return c.slot(c.slot_header(**fields), kek, root, SEAL_SALT)

    def summed(body):
        return body + c.sha256(body)

    yield "damaged", "no-bytes", b""
    yield "damaged", "one-byte-short", good[:-1]
    yield "damaged", "one-byte-long", good + b"\x00"
    yield "damaged", "magic", summed(flip(good, 3)[:192])
    yield "damaged", "checksum", flip(good, 223)
    yield "damaged", "sealed-part-behind-the-checksum", flip(good, 150)
    yield "damaged", "number-8", made(RAW, number=8)
    yield "damaged", "epoch-0", made(RAW, epoch=0)
    yield "damaged", "created-in-the-year-10000", made(RAW, created=253_402_300_800)
    for suite in (0, 2, 0xFFFF):
        yield "suite", f"suite-{suite}", made(RAW, suite=suite)
    for kind in (0, 2, 4, 255):
        yield "kind", f"kind-{kind}", made(RAW, kind=kind)
    yield "flags", "lowest-flag", made(RAW, flags=1)
    yield "flags", "highest-flag", made(TYPED, flags=1 << 31)
    for name, changes in [
            ("memory-0", dict(memory=0)), ("memory-below-19-mib", dict(memory=19_455)),
            ("memory-above-4-gib", dict(memory=4 * 1_024 * 1_024 + 1)),
            ("memory-64-gib", dict(memory=64 * 1_024 * 1_024)),
            ("memory-most", dict(memory=0xFFFFFFFF)),
            ("passes-0", dict(passes=0)), ("passes-65", dict(passes=65)),
            ("passes-most", dict(passes=0xFFFFFFFF)),
            ("lanes-0", dict(lanes=0)), ("lanes-65", dict(lanes=65)),
            ("lanes-2-to-the-24", dict(lanes=1 << 24)), ("lanes-most", dict(lanes=0xFFFFFFFF)),
            ("argon-version-0x10", dict(argon=0x10)), ("argon-version-0", dict(argon=0))]:
        yield "bounds", name, made(TYPED, **changes)
    for name in ("memory", "passes", "lanes"):
        yield "bounds", f"raw-key-with-{name}", made(RAW, **{name: 1})
    yield "bounds", "raw-key-with-argon-version", made(RAW, argon=0x13)
    yield "bounds", "passphrase-called-raw-key", made(TYPED, kind=3)

    body = good[:192]
    for name, at in [
            ("number-changed", 4), ("vault-changed", 23), ("epoch-changed", 26),
            ("salt-changed", 44), ("created-changed", 83), ("seal-salt-changed", 88),
            ("commitment-changed", 112), ("root-key-changed", 144), ("tag-changed", 191)]:
        yield "key", name, summed(flip(body, at, 2)), opening
    yield "key", "another-raw-key", good, {"raw-key": flip(RAW_KEY, 31).hex()}
    yield "key", "sealed-without-its-header", summed(
        c.slot_header(vault=vault, **RAW)
        + c.seal(kek, c.domain("slot"), root, SEAL_SALT)), opening
    yield "key", "opened-with-a-passphrase", good, {"passphrase": b"p".hex()}
    typed = c.argon2id(b"p", SALT, 19_457, 1, 1)
    lowered = c.slot_header(vault=vault, **TYPED)
    yield "key", "memory-lowered", summed(
        lowered + c.seal(
            typed, c.domain("slot") + c.slot_header(vault=vault, **dict(TYPED, memory=19_457)),
            root, SEAL_SALT)), {"passphrase": b"p".hex()}


# Records

def sealed_cases(key, context, plaintext, others):
    """What can be wrong with any sealed blob."""
    salt = c.sha256(plaintext)[:24]
    good = c.seal(key, context, c.pad(plaintext), salt)
    for count in (0, 23, 24, 55, 56, 71):
        yield "length", f"{count}-bytes", good[:count]
    yield "padding", "72-bytes", c.seal(key, context, b"", salt)
    yield "commitment", "salt-changed", flip(good, 0)
    yield "commitment", "commitment-changed", flip(good, 55, 0x80)
    for name, other_key, other_context in others:
        yield "commitment", name, c.seal(other_key, other_context, c.pad(plaintext), salt)
    yield "chunk", "ciphertext-changed", flip(good, 56)
    yield "chunk", "tag-changed", flip(good, len(good) - 1, 0x80)
    yield "chunk", "one-byte-short", good[:-1]
    yield "chunk", "one-byte-long", good + b"\x00"
    padded = c.pad(plaintext)
    value_end = 5 + len(plaintext)
    for name, inside in [
            ("padding-version-0", b"\x00" + padded[1:]),
            ("padding-version-2", b"\x02" + padded[1:]),
            ("padding-cut-off", padded[:4]),
            ("padding-absent", padded[:value_end]),
            ("padding-one-bucket-more", padded + bytes(64)),
            ("padding-first-byte-set", flip(padded, value_end)),
            ("padding-last-byte-set", flip(padded, len(padded) - 1, 0x80)),
            ("length-beyond-the-blob", b"\x01" + c.u32(len(padded) - 4) + padded[5:]),
            ("length-of-4-gib", b"\x01" + b"\xff" * 4 + padded[5:]),
            ("multiple-of-64-above-1024",
             (b"\x01" + c.lp(b"v" * 4_100)).ljust(4_160, b"\x00"))]:
        yield "padding", name, c.seal(key, context, inside, salt)


def records(vault, root, rid):
    key = c.subkey(root, vault, 1, "rec")
    context = c.record_context(vault, 1, rid, 1, 1)
    place = {"version": 1, "kind": 1, "fields": "secret"}
    other = flip(rid, 15)
    for case in sealed_cases(key, context, b"EXAMPLE", [
            ("of-another-vault", key, c.record_context(flip(vault, 0), 1, rid, 1, 1)),
            ("of-another-epoch", key, c.record_context(vault, 2, rid, 1, 1)),
            ("of-another-secret", key, c.record_context(vault, 1, other, 1, 1)),
            ("of-another-version", key, c.record_context(vault, 1, rid, 2, 1)),
            ("of-another-kind", key, c.record_context(vault, 1, rid, 1, 2)),
            ("under-the-metadata-key", c.subkey(root, vault, 1, "meta"), context),
            ("under-another-root-key", c.subkey(flip(root, 0), vault, 1, "rec"), context)]):
        yield (*case, place)
    full = c.seal(key, context, c.pad(b"v" * 16_379), SEAL_SALT)
    yield "length", "full-chunk-without-an-end", full[:-16], place

    context = c.record_context(vault, 1, rid, 1, 2)
    place = {"version": 1, "kind": 2, "fields": "b a"}
    one, two = c.lp(b"b") + c.lp(b"1"), c.lp(b"a") + c.lp(b"2")
    for name, inside in [
            ("fields-absent", b""), ("field-count-cut-off", b"\x00"),
            ("field-count-0", c.u16(0)), ("field-count-1", c.u16(1) + one),
            ("field-count-low", c.u16(1) + one + two), ("field-count-high", c.u16(3) + one + two),
            ("field-missing", c.u16(2) + one), ("fields-in-another-order", c.u16(2) + two + one),
            ("field-twice", c.u16(2) + one + one),
            ("field-renamed", c.u16(2) + one + c.lp(b"c") + c.lp(b"2")),
            ("field-name-no-utf8", c.u16(2) + one + c.lp(b"\xff") + c.lp(b"2")),
            ("field-trailing-byte", c.u16(2) + one + two + b"\x00"),
            ("field-length-beyond-the-end",
             c.u16(2) + one + c.lp(b"a") + c.u32(2) + b"2"),
            ("field-length-of-4-gib", c.u16(2) + one + c.lp(b"a") + b"\xff" * 4 + b"2")]:
        yield "fields", name, c.seal(key, context, c.pad(inside), SEAL_SALT), place
    single = c.seal(key, c.record_context(vault, 1, rid, 1, 1), c.pad(b"1"), SEAL_SALT)
    yield "fields", "one-value-for-two-fields", single, dict(place, kind=1)
    several = c.seal(key, context, c.pad(c.u16(1) + one), SEAL_SALT)
    yield "fields", "several-for-one-field", several, dict(place, fields="b")


# Metadata

def descriptions(vault, root, rid):
    key = c.subkey(root, vault, 1, "meta")
    context = c.metadata_context(vault, 1, rid, 1)
    place = {"revision": 1}
    for case in sealed_cases(key, context, c.metadata("a", []), [
            ("of-another-vault", key, c.metadata_context(flip(vault, 0), 1, rid, 1)),
            ("of-another-epoch", key, c.metadata_context(vault, 2, rid, 1)),
            ("of-another-secret", key, c.metadata_context(vault, 1, flip(rid, 15), 1)),
            ("of-another-revision", key, c.metadata_context(vault, 1, rid, 2)),
            ("under-the-record-key", c.subkey(root, vault, 1, "rec"), context)]):
        yield (*case, place)
    for name, inside in [*named(), *attributed(), *listed()]:
        yield "attributes", name, c.seal(key, context, c.pad(inside), SEAL_SALT), place


def named():
    """Descriptions with a wrong name or frame."""
    for name, text in [
            ("name-empty", b""), ("name-dots", b".."), ("name-segment-empty", b"a//b"),
            ("name-leading-dash", b"-a"), ("name-escape", b"a\x1b[2J"), ("name-no-utf8", b"\xff"),
            ("name-bidi", "a\u202e".encode()), ("name-129", b"n" * 129)]:
        yield name, c.lp(text) + c.u32(0)
    label = (3, b"l")
    yield "absent", b""
    yield "name-cut-off", c.u32(2) + b"a"
    yield "count-absent", c.lp(b"a")
    yield "count-low", c.metadata("a", [label])[:5] + c.u32(0) + c.metadata("a", [label])[9:]
    yield "count-high", c.lp(b"a") + c.u32(2) + c.metadata("a", [label])[9:]
    yield "count-65", c.lp(b"a") + c.u32(65) + c.metadata("a", [label])[9:]
    yield "trailing-byte", c.metadata("a", [label]) + b"\x00"
    yield "length-beyond-the-end", c.lp(b"a") + c.u32(1) + c.u16(3) + c.u32(2) + b"l"
    yield "length-of-4-gib", c.lp(b"a") + c.u32(1) + c.u16(3) + b"\xff" * 4 + b"l"
    yield "tag-twice", c.metadata("a", [label, label])
    yield "tags-descending", c.metadata("a", [label, (1, b"zpa")])
    for tag in (0, 14, 0xFFFF):
        yield f"tag-{tag}", c.metadata("a", [(tag, b"x")])


def attributed():
    """One attribute that is no list, with a value that is never written."""
    for name, tag, value in [
            ("issuer-default", 1, b"generic"), ("issuer-empty", 1, b""), ("issuer-upper", 1, b"A"),
            ("issuer-65", 1, b"a" * 65), ("status-default", 2, b"\x00"),
            ("status-2", 2, b"\x02"), ("status-empty", 2, b""), ("status-long", 2, b"\x01\x01"),
            ("label-empty", 3, b""), ("label-1025", 3, b"l" * 1_025),
            ("label-no-utf8", 3, b"a\xff"), ("label-over-long-utf8", 3, b"\xc0\x80"),
            ("label-surrogate", 3, b"\xed\xa0\x80"),
            ("label-beyond-unicode", 3, b"\xf4\x90\x80\x80"),
            ("label-cut-off-utf8", 3, b"\xc3"),
            ("created-default", 6, c.u64(0)), ("created-short", 6, bytes(6) + b"\x01"),
            ("created-long", 6, c.u64(1) + b"\x00"), ("modified-same", 7, c.u64(0)),
            ("modified-short", 7, b"\x01"), ("expires-short", 8, b"\x01"),
            ("expires-long", 8, c.u64(1) + b"\x00"), ("removed-empty", 9, b""),
            ("maximum-age-empty", 10, b""), ("managed-default", 11, b"\x00"),
            ("managed-2", 11, b"\x02"), ("managed-long", 11, b"\x01\x00"),
            ("reason-default", 13, b"\x00"), ("reason-2", 13, b"\x02"),
            ("reason-empty", 13, b"")]:
        yield name, c.metadata("a", [(tag, value)])
    yield "modified-as-created", c.metadata("a", [(6, c.u64(9)), (7, c.u64(9))])


def listed():
    """One attribute that is a list, with a value that is never written."""
    def field(name, value):
        return c.lp(name) + c.lp(value)

    def entry(number, state=2, fields=(b"secret",)):
        return (c.u32(number) + bytes([state]) + c.u64(1) + c.u16(len(fields))
                + b"".join(map(c.lp, fields)))

    a, b = field(b"a", b"1"), field(b"b", b"2")
    many = [b"a%04d" % number for number in range(1_025)]
    for name, tag, count, value in [
            ("fields-0", 4, 0, b""), ("fields-cut-off", 4, 2, a), ("fields-trailing", 4, 1, a + b),
            ("fields-unsorted", 4, 2, b + a), ("fields-repeated", 4, 2, a + a),
            ("field-name-bad", 4, 1, field(b"A", b"1")),
            ("field-name-65", 4, 1, field(b"a" * 65, b"1")),
            ("field-value-no-utf8", 4, 1, field(b"a", b"\xff")),
            ("field-value-16385", 4, 1, field(b"a", b"v" * 16_385)),
            ("fields-1025", 4, 1_025, b"".join(field(one, b"") for one in many)),
            ("tags-0", 5, 0, b""), ("tags-unsorted", 5, 2, c.lp(b"b") + c.lp(b"a")),
            ("tags-repeated", 5, 2, c.lp(b"a") * 2), ("tags-trailing", 5, 1, c.lp(b"a") * 2),
            ("tag-empty", 5, 1, c.lp(b"")), ("tag-129", 5, 1, c.lp(b"t" * 129)),
            ("tag-no-utf8", 5, 1, c.lp(b"\xff")),
            ("tags-1025", 5, 1_025, b"".join(map(c.lp, many))),
            ("versions-0", 12, 0, b""), ("versions-descending", 12, 2, entry(2) + entry(1)),
            ("versions-repeated", 12, 2, entry(1) + entry(1)),
            ("versions-trailing", 12, 1, entry(1) + b"\x00"),
            ("versions-1025", 12, 1_025, b"".join(entry(1 + at) for at in range(1_025))),
            ("version-0", 12, 1, entry(0)), ("version-state-0", 12, 1, entry(1, 0)),
            ("version-state-6", 12, 1, entry(1, 6)),
            ("version-without-fields", 12, 1, entry(1, 2, ())),
            ("version-field-twice", 12, 1, entry(1, 2, (b"a", b"a"))),
            ("version-field-bad", 12, 1, entry(1, 2, (b"1",))),
            ("version-cut-off", 12, 1, entry(1)[:-1])]:
        yield name, c.metadata("a", [(tag, c.u32(count) + value)])


# The private parts of audit entries

def details(vault, root):
    key, deposit = (c.subkey(root, vault, 1, label) for label in ("audit", "deposit"))
    _, public = c.deposit_keys(deposit)
    place = {"number": 9}
    good = c.pad(c.detail([(12, c.u64(3))]))
    opened = lambda **of: c.open_detail(
        of.get("key", key), of.get("vault", vault), of.get("epoch", 1), of.get("number", 9),
        of.get("padded", good), SEAL_SALT)
    locked = lambda **of: c.locked_detail(
        of.get("public", public), of.get("vault", vault), of.get("epoch", 1),
        of.get("number", 9), of.get("padded", good), SALT)
    sealed = {"open": opened, "locked": locked}
    yield "frame", "form-absent", b"\x01", place
    for form in (0, 3, 255):
        yield "frame", f"form-{form}", bytes([form]) + opened()[1:], place
    yield "seal", "forms-exchanged-1", b"\x02" + opened()[1:], place
    yield "seal", "forms-exchanged-2", b"\x01" + locked()[1:], place
    for name, seal in sealed.items():
        whole = seal()
        yield "frame", f"{name}-epoch-cut-off", whole[:4], place
        yield "frame", f"{name}-epoch-2", seal(epoch=2), place
        yield "seal", f"{name}-epoch-2-called-1", whole[:1] + c.u32(1) + seal(epoch=2)[5:], place
        yield "seal", f"{name}-of-another-vault", seal(vault=flip(vault, 0)), place
        yield "seal", f"{name}-of-another-entry", seal(number=8), place
        yield "seal", f"{name}-cut-off", whole[:-1], place
        yield "seal", f"{name}-one-byte-long", whole + b"\x00", place
        yield "seal", f"{name}-nothing-sealed", whole[:5], place
        yield "seal", f"{name}-changed", flip(whole, len(whole) - 20), place
        yield "padding", f"{name}-padding-absent", seal(padded=b""), place
        yield "padding", f"{name}-padding-version", seal(padded=flip(good, 0, 2)), place
        yield "padding", f"{name}-padding-not-zero", seal(padded=flip(good, 63)), place
        yield "padding", f"{name}-padding-longer", seal(padded=good + bytes(64)), place
    yield "seal", "open-under-the-record-key", opened(
        key=c.subkey(root, vault, 1, "rec")), place
    yield "seal", "open-commitment-changed", flip(opened(), 5 + 55), place
    yield "seal", "locked-to-another-key", locked(
        public=c.deposit_keys(c.subkey(root, vault, 2, "deposit"))[1]), place
    yield "seal", "locked-enc-zero", locked()[:5] + bytes(32) + locked()[37:], place
    for name, inside in told():
        yield "detail", f"detail-{name}", opened(padded=c.pad(inside)), place
    yield "detail", "locked-detail-trailing-byte", locked(
        padded=c.pad(c.detail([(12, c.u64(3))]) + b"\x00")), place


def told():
    """Details that nobody writes."""
    process = c.u32(1) + b"\x00" + c.lp(b"/bin/a")
    job = (5, b"/bin/b")
    yield "absent", b""
    yield "count-low", c.u32(0) + c.detail([job])[4:]
    yield "count-high", c.u32(2) + c.detail([job])[4:]
    yield "count-65", c.u32(65) + c.detail([job])[4:]
    yield "trailing-byte", c.detail([job]) + b"\x00"
    yield "length-beyond-the-end", c.u32(1) + c.u16(5) + c.u32(2) + b"l"
    yield "length-of-4-gib", c.u32(1) + c.u16(5) + b"\xff" * 4 + b"l"
    yield "tag-twice", c.detail([job, job])
    yield "tags-descending", c.detail([job, (4, b"/")])
    for tag in (0, 14, 0xFFFF):
        yield f"tag-{tag}", c.detail([(tag, b"x")])
    for name, value in [
            ("empty", b""), ("of-nothing", b"\x00"), ("cut-off", b"\x02" + process),
            ("trailing", b"\x01" + process + b"\x00"), ("of-17", b"\x11" + process * 17),
            ("executable-4", b"\x01" + c.u32(1) + b"\x04" + c.lp(b"/bin/a")),
            ("path-1025", b"\x01" + c.u32(1) + b"\x00" + c.lp(b"/" * 1_025)),
            ("path-no-utf8", b"\x01" + c.u32(1) + b"\x00" + c.lp(b"/\xff"))]:
        yield f"chain-{name}", c.detail([(1, value)])
    for tag in (2, 3, 4, 5, 6, 10):
        yield f"text-1025-{tag}", c.detail([(tag, b"x" * 1_025)])
        yield f"text-no-utf8-{tag}", c.detail([(tag, b"\xc3")])
    for tag in (7, 8, 13):
        for name, value in [("empty", b""), ("dots", b".."), ("129", b"n" * 129),
                            ("escape", b"a\x1b")]:
            yield f"name-{name}-{tag}", c.detail([(tag, value)])
    for tag, count in [(9, 4), (11, 1), (12, 8)]:
        for wrong in (0, count - 1, count + 1):
            yield f"number-{tag}-in-{wrong}-bytes", c.detail([(tag, b"\x01" * wrong)])


# Rows of the table `tree`

def code_rows():
    one, two = c.sha256(b"one"), c.sha256(b"two")
    good = c.packed({3: one, 200: two})
    yield "codes", "no-bytes", b""
    yield "codes", "map-alone", bytes(32)
    yield "codes", "map-cut-off", good[:31]
    yield "codes", "map-empty", bytes(32) + one
    yield "codes", "code-missing", good[:64]
    yield "codes", "code-cut-off", good[:-1]
    yield "codes", "code-too-many", good + one
    yield "codes", "byte-too-many", good + b"\x00"
    yield "codes", "first-bit-more", flip(good, 0, 0x80)
    yield "codes", "last-bit-more", flip(good, 31)
    yield "codes", "bit-less", flip(good, 25, 0x80)
    yield "codes", "first-code-zero", c.packed({3: bytes(32), 200: two})
    yield "codes", "last-code-zero", c.packed({3: one, 200: bytes(32)})
    yield "codes", "all-codes-zero", b"\xff" * 32 + bytes(8_192)
    yield "codes", "code-of-257", b"\xff" * 32 + one * 257


# Texts

def raw_keys():
    code = c.recovery_code(RAW_KEY)
    for name, text in [
            ("empty", ""), ("prefix-alone", "coffer-key-1:"), ("blanks-alone", " \t\r\n-"),
            ("one-character-short", code[:-1]), ("one-character-long", code + "0"),
            ("one-group-short", code[:-8]), ("one-character-wrong", code[:-1] + "0"),
            ("two-characters-swapped", code[1] + code[0] + code[2:]),
            ("letter-u", "U" + code[1:]), ("letter-u-lower", code[:-1] + "u"),
            ("full-width-digit", "\uff10" + code[1:]), ("byte-order-mark", "\ufeff" + code),
            ("form-feed", code + "\f"), ("nul", code + "\0"),
            ("underscore", code.replace("-", "_")),
            ("prefix-of-another-version", "coffer-key-2:" + code),
            ("prefix-upper", "COFFER-KEY-1:" + code), ("prefix-twice", "coffer-key-1:" * 2 + code),
            ("blank-before-the-prefix", " coffer-key-1:" + code),
            ("two-keys", code + "\n" + code), ("1025-bytes", code.ljust(1_025))]:
        yield "text", name, text.encode()


def passphrases():
    for expect, name, typed in [
            ("empty", "empty", b""), ("length", "1025-bytes", b"p" * 1_025),
            ("length", "1025-bytes-of-which-one-is-nul", bytes(1) + b"p" * 1_024),
            ("nul", "nul-alone", b"\x00"), ("nul", "nul-inside", b"a\x00b"),
            ("nul", "nul-at-the-end", b"a\x00"), ("nul", "nul-before-bad-utf8", b"\x00\xff"),
            ("utf8", "lone-continuation", b"a\x80"), ("utf8", "cut-off", b"\xc3"),
            ("utf8", "over-long", b"\xc0\xaf"), ("utf8", "over-long-nul", b"\xc0\x80"),
            ("utf8", "surrogate", b"\xed\xa0\x80"), ("utf8", "beyond-unicode", b"\xf4\x90\x80\x80"),
            ("utf8", "latin-1", b"Gr\xfc\xdfe"), ("utf8", "utf-16", b"\xff\xfea")]:
        yield expect, name, typed
