# What there is before a backup and a restore, and how what they left is told apart.

import os
import pathlib
import shutil

from left_vault import LeftVault
from support import Home


def make_folder_of_copies(test):
    test.home.folder("copies")


def leave_only_a_backup(test):
    """Returns how many entries the log of the backup has."""
    make_folder_of_copies(test)
    test.succeed(test.home.run("backup", "copies/copy.db"))
    entries = len(LeftVault(test.home).entries)
    for name in os.listdir(f"{test.home.path}/vault"):
        os.unlink(f"{test.home.path}/vault/{name}")
    return entries


def go_on_from_a_backup(test):
    make_folder_of_copies(test)
    test.succeed(test.home.run("backup", "copies/copy.db"))
    test.store("newer", b"stored since")


def judge_backup(witness, first):
    """There is a whole copy or none."""
    witness.compared(first)
    copy = f"{witness.home.path}/copies/copy.db"
    if not os.path.exists(copy):
        return "before"
    _look_into(witness, copy, {"old", "kept", "off"})
    return "after"


def judge_replaced(witness, first):
    """The vault that was there or the restored one, and then the other one is kept."""
    home = witness.home
    listed = home.with_key("list")
    if listed.code == 7:
        # In its place, and not yet accepted.
        listed = home.with_key("list", "--accept-rollback")
    names = set(witness.answered("list", listed).out.decode().split())
    witness.verified()
    if home.with_key("get", "kept").out != b"what nobody touches":
        witness.fail("wrong plaintexts", "kept")
    kept = list(pathlib.Path(home.vault).parent.glob("*-replaced-*.db"))
    for copy in kept:
        _look_into(witness, copy, {"old", "kept", "off", "newer"})
    if names == {"old", "kept", "off", "newer"}:
        return "before"
    if names != {"old", "kept", "off"} or len(kept) != 1:
        witness.fail("third states", (names, kept))
    return "after"


def _look_into(witness, copy, names):
    """On a machine of its own, which has the copy and the key."""
    home = Home()
    try:
        shutil.copyfile(witness.home.key, home.key)
        os.chmod(home.key, 0o600)
        restored = home.run("restore", str(copy), "--key-file", home.key)
        witness.answered("restore", restored)
        listed = witness.answered("list", home.with_key("list"))
        if set(listed.out.decode().split()) != names:
            witness.fail("third states", listed)
        witness.answered("audit verify", home.with_key("audit verify"))
    finally:
        home.remove()
