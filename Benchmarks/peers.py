"""The same work by the peers that Debian ships: get one of 1,000, store one, list all.

Two classes that are not comparable with each other: with a key that lies ready (a raw key, an
identity file), and with a passphrase that is stretched for every command.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

from stopwatch import Stopwatch

COUNT = 1_000
PASSPHRASE = "four random words, say"
NAMES = [f"team{number % 31}/key{number}" for number in range(COUNT)]
VALUES = [secrets.token_urlsafe(30) for _ in range(COUNT)]
WANTED = COUNT // 2


class Peer:
    """What one program does: commands for get, store and list, made ready in a folder."""

    def __init__(self, title: str, store: Path, get, put, listing):
        self.title, self.store = title, store
        self.commands = {"get": get, "store": put, "list": listing}


def script(folder: Path, name: str, text: str) -> list[str]:
    """A command that needs a shell; its start is part of the peer's price and small beside it."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nset -e\n{text}\n")
    path.chmod(0o700)
    return [str(path)]


def run(*words, **more):
    subprocess.run([str(word) for word in words], check=True, capture_output=True, **more)


def coffer_peer(folder: Path, coffer: str, kind: str) -> Peer:
    vault, key = folder / "vault.db", folder / "key"
    if kind == "raw key":
        run(coffer, "init", "--vault", vault, "--new-key-file", key, "--no-recovery")
        access = ["--vault", str(vault), "--key-file", str(key)]
    else:
        key.write_text(PASSPHRASE)
        key.chmod(0o600)
        run(coffer, "init", "--vault", vault, "--passphrase-file", key, "--no-recovery",
            "--kdf-memory", kind)
        access = ["--vault", str(vault), "--passphrase-file", str(key)]
    lines = "".join('{"name": "%s", "secret": "%s"}\n' % pair for pair in zip(NAMES, VALUES))
    run(coffer, "import", *access, "--json-lines", "-", input=lines.encode())
    put = f'exec "{coffer}" capture new --replace --stdin {" ".join(access)} <"{key}" >/dev/null'
    return Peer(f"coffer, {kind}", vault, [coffer, "get", NAMES[WANTED], *access],
                script(folder, "store", put), [coffer, "list", *access])


def sqlcipher_peer(folder: Path, kind: str) -> Peer:
    database = folder / "vault.db"
    key = f"\"x'{secrets.token_hex(32)}'\"" if kind == "raw key" else f"'{PASSPHRASE}'"
    pragma = f"PRAGMA key = {key};"
    rows = ",".join(f"('{name}','{value}')" for name, value in zip(NAMES, VALUES))
    making = "CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    run("sqlcipher", database, input=f"{pragma}{making}INSERT INTO secret VALUES {rows};".encode())

    def command(name: str, statement: str) -> list[str]:
        text = f"sqlcipher '{database}' <<'END'\n{pragma}\n{statement}\nEND"
        return script(folder, name, text)

    return Peer(
        f"sqlcipher, {kind}", database,
        command("get", f"SELECT value FROM secret WHERE name = '{NAMES[WANTED]}';"),
        command("store", f"REPLACE INTO secret VALUES ('new', '{VALUES[0]}');"),
        command("list", "SELECT name FROM secret ORDER BY name;"))


def age_peer(folder: Path) -> Peer:
    """One encrypted file with a line a secret; the identity lies beside it in the clear."""
    identity, store, plain = folder / "identity", folder / "store.age", folder / "plain"
    run("age-keygen", "-o", identity)
    recipient = subprocess.run(
        ["age-keygen", "-y", str(identity)], check=True, capture_output=True, text=True
    ).stdout.strip()
    plain.write_text("".join(f"{name} {value}\n" for name, value in zip(NAMES, VALUES)))
    run("age", "-r", recipient, "-o", store, plain)
    plain.unlink()
    opened = f"age -d -i '{identity}' '{store}'"
    put = (f"{{ {opened}; echo new {VALUES[0]}; }} | age -r {recipient} -o '{store}.new'\n"
           f"mv '{store}.new' '{folder}/stored.age'")
    return Peer("age, one file, identity in the clear", store,
                script(folder, "get", f"{opened} | sed -n 's|^{NAMES[WANTED]} ||p'"),
                script(folder, "store", put),
                script(folder, "list", f"{opened} | cut -d' ' -f1"))


def keepassxc_peer(folder: Path) -> Peer:
    """The database that `import` makes by itself: KDBX 3.1, AES-KDF, no Argon2."""
    database, source = folder / "vault.kdbx", folder / "source.xml"
    entries = "".join(
        f"<Entry><String><Key>Title</Key><Value>{escape(name.replace('/', '-'))}</Value></String>"
        f"<String><Key>Password</Key><Value>{escape(value)}</Value></String></Entry>"
        for name, value in zip(NAMES, VALUES))
    source.write_text("<?xml version='1.0'?><KeePassFile><Meta/><Root><Group><Name>Root</Name>"
                      f"{entries}</Group></Root></KeePassFile>")
    run("keepassxc-cli", "import", "-p", source, database, input=f"{PASSPHRASE}\n{PASSPHRASE}\n".encode())
    name = NAMES[WANTED].replace("/", "-")
    words = f"printf '%s\\n' '{PASSPHRASE}' | keepassxc-cli"
    put = (f"cp '{database}' '{database}.new'\n"
           f"printf '%s\\n' '{PASSPHRASE}' '{VALUES[0]}' "
           f"| keepassxc-cli add -q -p '{database}.new' new")
    return Peer("keepassxc-cli, passphrase", database,
                script(folder, "get", f"{words} show -q -s -a Password '{database}' '{name}'"),
                script(folder, "store", put),
                script(folder, "list", f"{words} ls -q -R -f '{database}'"))


def pass_peer(folder: Path) -> Peer:
    """The agent is stopped before each command, so each stretches the passphrase: a cold start."""
    home, store = folder / "gnupg", folder / "store"
    home.mkdir(mode=0o700)
    (folder / "passphrase").write_text(PASSPHRASE)
    loopback = f"--pinentry-mode loopback --passphrase-file {folder}/passphrase"
    setting = (f"export GNUPGHOME='{home}' PASSWORD_STORE_DIR='{store}' "
               f"PASSWORD_STORE_GPG_OPTS=\"{loopback}\"\n")
    environment = {**os.environ, "GNUPGHOME": str(home), "PASSWORD_STORE_DIR": str(store)}
    run("gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", PASSPHRASE,
        "--quick-generate-key", "bench", "rsa3072", "cert,encr", "never", env=environment)
    run("pass", "init", "bench", env=environment)
    run("pass", "insert", "-m", NAMES[WANTED], input=VALUES[WANTED].encode(), env=environment)
    # The others are copies of this file: pass reads one file for a get, and only names for a list.
    for name in NAMES:
        path = store / f"{name}.gpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            shutil.copy(store / f"{NAMES[WANTED]}.gpg", path)
    stop = f"{setting}gpgconf --kill gpg-agent\n"
    return Peer("pass, cold agent", store,
                script(folder, "get", f"{stop}pass show '{NAMES[WANTED]}'"),
                script(folder, "put", f"{stop}echo '{VALUES[0]}' | pass insert -f -m new"),
                script(folder, "list", f"{setting}pass ls"))


def size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def compare(watch: Stopwatch, coffer: str):
    """Prints a table a class; each peer's get is checked to print the right value first."""
    def folder(name: str) -> Path:
        path = watch.home / name
        path.mkdir(mode=0o700)
        return path

    classes = {
        "with a key that lies ready": [
            coffer_peer(folder("coffer-raw"), coffer, "raw key"),
            sqlcipher_peer(folder("sqlcipher-raw"), "raw key"),
            age_peer(folder("age")),
        ],
        "with a passphrase, stretched for every command": [
            coffer_peer(folder("coffer-256"), coffer, "256MiB"),
            coffer_peer(folder("coffer-64"), coffer, "64MiB"),
            sqlcipher_peer(folder("sqlcipher"), "passphrase"),
            keepassxc_peer(folder("keepassxc")),
            pass_peer(folder("pass")),
        ],
    }
    for title, peers in classes.items():
        print(f"\n{COUNT:,} secrets, {title}: ratios to /bin/true in this run")
        print(f"  {'':<40}{'get':>9}{'store':>9}{'list':>9}{'bytes/secret':>14}")
        for peer in peers:
            done = subprocess.run(peer.commands["get"], capture_output=True, check=True)
            if VALUES[WANTED].encode() not in done.stdout:
                raise SystemExit(f"{peer.title}: the value is wrong: {done.stdout!r}")
            medians = watch.medians({"true": ["/bin/true"], **peer.commands}, runs=5)
            ratios = "".join(
                f"{medians[verb] / medians['true']:>9.1f}" for verb in peer.commands)
            print(f"  {peer.title:<40}{ratios}{size(peer.store) / COUNT:>14.0f}", flush=True)
