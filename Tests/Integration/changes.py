# The commands that faults are put into: what is typed, and what the vault must be afterwards.
#
# A command that is added to the program is one more row of COMMANDS.

import collections.abc
import dataclasses
import json
import os

from copies import (
    go_on_from_a_backup, judge_backup, judge_replaced, leave_only_a_backup, make_folder_of_copies)
from damage import damage_gone, judge_left_out
from jobs import (
    add_job, deliver_old, grant_old, judge_delivery, judge_followed, judge_grant, judge_job,
    judge_removed_job, judge_renamed, judge_revoked, judge_revoked_grant, judge_rollback,
    judge_rule, make_tool)

OLD, OLDER, NEW = b"the value in force", b"the value before it", b"a newer value, never seen"
KEPT, OFF, GONE, LONG = b"what nobody touches", b"not in use", b"removed", bytes(range(256)) * 160
FIRST, SECOND = b"correct horse battery staple", b"another horse battery staple"
LINES = b"".join(
    json.dumps({"name": name, "secret": NEW.decode()}).encode() + b"\n"
    for name in ("lines/one", "lines/two"))


@dataclasses.dataclass(frozen=True)
class Secret:
    """What is seen of a secret. Its values are the newest first, retired ones left out."""

    values: tuple
    status: str = "enabled"
    label: str = ""
    # Whether the newest is not in use yet.
    is_pending: bool = False


@dataclasses.dataclass(frozen=True)
class State:
    """What is seen of a vault: its secrets by name, and which of the keys below open it."""

    secrets: dict
    keys: frozenset = frozenset()

    def having(self, **changed):
        """With these secrets in the place of those of their names; None is none."""
        secrets = {**self.secrets, **changed}
        return dataclasses.replace(
            self, secrets={name: secret for name, secret in secrets.items() if secret})

    def opened_by(self, *keys):
        return dataclasses.replace(self, keys=frozenset(keys))


# Keys besides the key file that every command is given: what offers them.
KEYS = {
    "first passphrase": ("--passphrase-file", "first"),
    "second passphrase": ("--passphrase-file", "second"),
    "spare": ("--key-file", "spare"),
    "third": ("--key-file", "third"),
    "shares": ("--share-file", "s-1.txt", "--share-file", "s-3.txt"),
}

EMPTY = State({})
BASE = State(
    {"old": Secret((OLD, OLDER)), "kept": Secret((KEPT,)), "off": Secret((OFF,), "disabled"),
     "gone": Secret((GONE,), "removed")},
    frozenset({"first passphrase", "spare"}))


def make_base(test):
    """A vault in the state BASE, in the home of a test."""
    home = test.home
    home.file("first", FIRST)
    home.file("second", SECOND)
    test.succeed(home.run(
        "init", "--passphrase-file", "first", "--new-key-file", home.key, "--kdf-memory", "64MiB"))
    test.succeed(home.with_key("slot add", "--new-key-file", "spare"))
    for name, value in (("old", OLDER), ("kept", KEPT), ("off", OFF), ("gone", GONE)):
        test.store(name, value)
    test.store("old", OLD, "--replace")
    test.succeed(home.with_key("disable", "off"))
    test.succeed(home.with_key("rm", "gone"))


@dataclasses.dataclass(frozen=True)
class Command:
    """A row: the words, standard input, and the state if it was done."""

    words: str
    after: State = BASE
    stdin: bytes = b""
    # What it enters into the log: (operation, name).
    entries: tuple = ()
    # The same if a part can fail that the rest does without.
    entries_at_least: tuple = ()
    # None is no vault.
    before: State | None = BASE
    # What is done to a test's home in the state BASE to have the state before, and what that is.
    setting: collections.abc.Callable | None = None
    when: str = ""
    # Without a key it is given none.
    is_locked: bool = False
    # Whether the newest seal is young, so that this one leaves sealing to the next.
    is_soon: bool = False
    # Commands right before it, whose writes a power cut may take.
    behind: tuple = ()
    # With how many of its entries the change is there; None is with all.
    done_with: int | None = None
    # Secrets that are looked at though they are the same before and after.
    looked_at: frozenset = frozenset({"kept"})
    # Tells `before` from `after` where states and entries do not: called with a witness and the
    # number of the question to begin with.
    judge: collections.abc.Callable | None = None
    # Whether the vault does not verify before it.
    is_damaged: bool = False

    @property
    def title(self):
        tail = [f"after {words}" for words in self.behind] + ["at once"] * self.is_soon
        tail += [self.when] if self.when else []
        words = self.words.removesuffix(" -").replace(" --stdin", "")
        return ", ".join([words, *tail])

    @property
    def is_change(self):
        return self.before != self.after or self.judge is not None

    def is_done(self, entries):
        """Whether the change is there with these of its entries."""
        needed = len(self.entries) if self.done_with is None else self.done_with
        return len(entries) >= needed or bool(entries) and entries == self.entries_at_least

    @property
    def touched(self):
        """The names that are not before what they are after, and one that nobody touches."""
        before, after = (self.before or EMPTY).secrets, self.after.secrets
        return {name for name in {*before, *after} if before.get(name) != after.get(name)} | (
            self.looked_at & set(before))

    @property
    def keys(self):
        """The keys that do not open before what they open after."""
        return (self.before or self.after).keys ^ self.after.keys

    def line(self, home, words=None):
        """The words with the key."""
        words = (words or self.words).split()
        if words[0] == "init" or self.is_locked:
            return words
        return [*words, "--key-file", home.key]


def _without(name):
    return BASE.having(**{name: None})


def make_capsule(test):
    address = test.succeed(test.home.run("deposit-key")).out.decode().strip()
    sealed = test.home.run("deposit", "laid", "--stdin", "--to", address, stdin=NEW)
    test.home.file("capsule", test.succeed(sealed).out)


def lay_deposits(test):
    for name in ("laid", "old"):
        test.succeed(test.home.run("deposit", name, "--stdin", stdin=NEW))


def take_deposits_in(test):
    lay_deposits(test)
    test.succeed(test.home.with_key("list"))


LAID = Secret((NEW,), is_pending=True)
WITH_DEPOSITS = BASE.having(laid=LAID, old=Secret((NEW, OLD, OLDER), is_pending=True))
_READ = (("read", "old"),)
COMMANDS = [
    Command("init --new-key-file key", EMPTY, before=None, entries=(("init", ""),)),
    Command(
        "capture new --stdin", BASE.having(new=Secret((NEW,))), NEW, (("capture", "new"),)),
    Command(
        "capture new --stdin", BASE.having(new=Secret((LONG,))), LONG, (("capture", "new"),),
        behind=("get old",)),
    Command(
        "capture old --stdin --replace", BASE.having(old=Secret((NEW, OLD))), NEW,
        (("capture", "old"),)),
    Command(
        "edit kept --label another",
        BASE.having(kept=Secret((KEPT,), label="another")),
        entries=(("show", "kept"), ("edit", "kept"))),
    Command(
        "rename old newer", _without("old").having(newer=BASE.secrets["old"]),
        entries=(("rename", "old"),)),
    Command(
        "disable kept", BASE.having(kept=Secret((KEPT,), "disabled")),
        entries=(("disable", "kept"),)),
    Command("enable off", BASE.having(off=Secret((OFF,))), entries=(("enable", "off"),)),
    Command(
        "rm old", BASE.having(old=Secret((OLD, OLDER), "removed")), entries=(("rm", "old"),)),
    Command("undelete gone", BASE.having(gone=Secret((GONE,))), entries=(("undelete", "gone"),)),
    Command("purge old --yes", _without("old"), entries=(("purge", "old"),)),
    Command(
        "passphrase --new-passphrase-file second --kdf-memory 64MiB",
        BASE.opened_by("second passphrase", "spare"), entries=(("slot-replace", ""),)),
    Command(
        "slot add --new-key-file third",
        BASE.opened_by("first passphrase", "spare", "third"), entries=(("slot-add", ""),)),
    Command(
        "slot remove 2", BASE.opened_by("first passphrase"), entries=(("slot-remove", ""),)),
    Command("rekey --yes --kdf-memory 64MiB", BASE.opened_by(), entries=(("rekey", ""),)),
    Command(
        "rekey --skip-damaged --yes --kdf-memory 64MiB", BASE.opened_by(),
        entries=(("rekey", ""),), setting=damage_gone, judge=judge_left_out, is_damaged=True),
    Command(
        "import --json-lines -",
        BASE.having(**{name: Secret((NEW,)) for name in ("lines/one", "lines/two")}), LINES,
        (("import", ""),)),
    Command(
        "recovery split --shares 3 --threshold 2 --new-share-files s",
        BASE.opened_by("first passphrase", "spare", "shares"), entries=(("slot-add", ""),)),
    Command(
        "deposit laid --stdin", BASE.having(laid=LAID), NEW, (("deposit", "laid"),),
        is_locked=True),
    Command(
        "capsule import capsule", BASE.having(laid=LAID),
        entries=(("deposit", ""), ("take-in", "laid"), ("take-in", "")), done_with=1,
        setting=make_capsule),
    Command(
        "list", WITH_DEPOSITS, before=WITH_DEPOSITS,
        entries=(("take-in", "laid"), ("take-in", "old"), ("take-in", ""), ("list", "")),
        entries_at_least=(("list", ""),),
        setting=lay_deposits, when="with deposits", looked_at=frozenset({"laid", "old"})),
    Command(
        "inbox accept old", WITH_DEPOSITS.having(old=Secret((NEW, OLD))), before=WITH_DEPOSITS,
        entries=(("accept", "old"),), setting=take_deposits_in),
    Command(
        "backup copies/copy.db", entries=(("backup", ""),), is_locked=True,
        setting=make_folder_of_copies, judge=judge_backup),
    Command(
        "restore copies/copy.db", before=None, entries=(("restore", ""),), done_with=0,
        setting=leave_only_a_backup),
    Command(
        "restore copies/copy.db --replace --accept-rollback", setting=go_on_from_a_backup,
        judge=judge_replaced),
    Command(
        "job add nightly --identity-file nightly.job", entries=(("job-add", ""),),
        judge=judge_job),
    Command(
        "deliver old --to nightly", entries=(("deliver", "old"),), setting=add_job,
        judge=judge_delivery),
    Command(
        "capture old --stdin --replace", BASE.having(old=Secret((NEW, OLD))), NEW,
        (("capture", "old"),), setting=deliver_old, when="delivered", judge=judge_followed),
    Command(
        "get old --job-file nightly.job", entries=(("collect", "old"),), is_locked=True,
        setting=deliver_old),
    Command(
        "rename old newer", _without("old").having(newer=BASE.secrets["old"]),
        entries=(("rename", "old"),), setting=deliver_old, when="delivered",
        judge=judge_renamed),
    Command(
        "rm old", BASE.having(old=Secret((OLD, OLDER), "removed")),
        entries=(("revoke", "old"), ("rm", "old")), setting=deliver_old, when="delivered",
        judge=judge_revoked),
    Command(
        "deliver old --to nightly --revoke", entries=(("revoke", "old"),), setting=deliver_old,
        judge=judge_revoked),
    Command(
        "job remove nightly", entries=(("job-remove", ""),), setting=deliver_old,
        judge=judge_removed_job),
    Command(
        "edit kept --require-grant yes", entries=(("show", "kept"), ("edit", "kept")),
        judge=judge_rule),
    Command(
        "grant add old --to tool", entries=(("grant-add", "old"), ("show", "old")), done_with=1,
        setting=make_tool, judge=judge_grant),
    Command(
        "grant revoke old", entries=(("list", ""), ("grant-remove", "old")), setting=grant_old,
        judge=judge_revoked_grant),
    Command(
        "rollback old", entries=(("show", "old"), ("rollback", "old")), looked_at=frozenset({"old"}),
        judge=judge_rollback),
    Command("export --plain", entries=(("export", ""),)),
    Command("get old", entries=_READ),
    Command("get old", entries=_READ, is_soon=True),
    Command("list", entries=(("list", ""),)),
    Command("show old", entries=(("show", "old"),)),
    Command("audit log", entries=(("audit", ""),)),
    Command("audit verify", entries=(("audit", ""),)),
]


def chosen():
    """All rows, or those whose title has the words of COFFER_COMMAND."""
    return [command for command in COMMANDS
            if os.environ.get("COFFER_COMMAND", "") in command.title]
