# What was tried and what came of it, by command; `python3 tally.py FILE` prints it as a table.
#
# With COFFER_TALLY=FILE in the environment every test adds a line to that file.

import collections
import json
import os
import sys
import threading

# What must be 0.
FAULTS = (
    "acknowledged lost", "wrong plaintexts", "third states", "crashes", "unopenable", "unclear",
    "not put in")
COLUMNS = (
    "places", "KILL", "EIO", "ENOSPC", "images", "alike", "before", "after", "refused", *FAULTS)


class Tally:
    """Counts of one command, from many threads."""

    def __init__(self, title):
        self.title, self.counts, self.evidence = title, collections.Counter(), []
        self.lock = threading.Lock()

    def count(self, *columns):
        with self.lock:
            self.counts.update(columns)

    def fault(self, kind, evidence):
        """Counts what must not be, and keeps what tells of it."""
        with self.lock:
            self.counts[kind] += 1
            self.evidence.append(f"{kind}: {evidence}")

    def close(self):
        """Adds this to the file, if one is named."""
        if path := os.environ.get("COFFER_TALLY"):
            with open(path, "a") as file:
                file.write(json.dumps([self.title, self.counts]) + "\n")


def table(lines):
    """The counts of all lines, those of one command together, as Markdown."""
    rows = collections.defaultdict(collections.Counter)
    for line in lines:
        title, counts = json.loads(line)
        rows[title].update(counts)
        rows["**all**"].update(counts)
    rows["**all**"] = rows.pop("**all**", collections.Counter())
    yield "| command | " + " | ".join(COLUMNS) + " |"
    yield "|---|" + "--:|" * len(COLUMNS)
    for title, counts in rows.items():
        yield f"| {title} | " + " | ".join(str(counts[column]) for column in COLUMNS) + " |"


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print("\n".join(table(file)))
