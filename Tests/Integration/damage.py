# A vault with a row that opens nothing any more, and how what became of it is told.

import glob
import os
import sqlite3


def damage_gone(test):
    """The value of a removed secret: what is looked at besides is as it was."""
    connection = sqlite3.connect(test.home.vault)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # The fourth value that was stored.
    row, = connection.execute("SELECT id FROM record ORDER BY id LIMIT 1 OFFSET 3").fetchone()
    connection.execute("UPDATE record SET blob = zeroblob(length(blob)) WHERE id = ?", (row,))
    connection.commit()
    connection.close()
    outcome = test.refuse(test.home.with_key("rekey", "--yes", "--kdf-memory", "64MiB"), 5)
    test.assertIn(b'version 1 of "gone"', outcome.err)


def judge_left_out(witness, first):
    """As it was, damaged; or without what was damaged, and whole, with the whole of what it was in a
    file beside it."""
    state = witness.compared(first)
    outcome = witness.home.with_key("audit verify")
    if outcome.code != (0 if state == "after" else 5):
        witness.fail("third states", outcome)
    if state == "after":
        folder, name = os.path.split(witness.home.vault.removesuffix(".db"))
        asides = glob.glob(f"{glob.escape(folder)}/{name}-replaced-*.db")
        if len(asides) != 1:
            witness.fail("acknowledged lost", asides)
        # With a memory of its own: it is the older state of the same vault.
        memory = {"XDG_STATE_HOME": witness.home.folder("another-memory")}
        found = witness.home.with_key("get", "kept", "--vault", asides[0], extra=memory)
        if found.out != b"what nobody touches":
            witness.fail("acknowledged lost", found)
    return state
