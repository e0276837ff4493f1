# Everything below a home at one moment, to be laid out in any home, as often as one likes.

import os
import shutil


class Snapshot:
    """Folders, and files with their content, by their paths relative to the home."""

    def __init__(self, folders=(), files=None):
        self.folders, self.files = set(folders), dict(files or {})

    @classmethod
    def of(cls, home):
        found = cls()
        for folder, folders, files in os.walk(home.path):
            place = os.path.relpath(folder, home.path)
            found.folders |= {os.path.normpath(f"{place}/{name}") for name in folders}
            for name in files:
                with open(f"{folder}/{name}", "rb") as file:
                    found.files[os.path.normpath(f"{place}/{name}")] = file.read()
        return found

    def lay_out(self, home):
        """Puts this in the place of all that is in a home."""
        for name in os.listdir(home.path):
            path = f"{home.path}/{name}"
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        for folder in sorted(self.folders):
            os.makedirs(f"{home.path}/{folder}", mode=0o700, exist_ok=True)
        for name, content in self.files.items():
            home.file(name, content)

    def __eq__(self, other):
        return (self.folders, self.files) == (other.folders, other.files)

    def identity(self):
        """The same for equal snapshots, and for no others."""
        return frozenset(self.folders), frozenset(self.files.items())
