# A disk that loses power: what a program did to its files, and what may be left of it.
#
# The strictest file system that POSIX allows. What was written to a file is on disk when the file
# was synced, and a name when its folder was; until then each sector and each name may have reached
# the disk or not, by itself and in any order. A sector is written whole or not at all, except the
# last one before the power fails.

from snapshot import Snapshot


class File:
    """The content on disk, and what is on its way there: (offset, bytes) or a new length."""

    def __init__(self, content=b""):
        self.content, self.pending = content, []

    def with_changes(self, changes):
        content = bytearray(self.content)
        for offset, piece in changes:
            if piece is None:
                content = content[:offset] + bytes(max(0, offset - len(content)))
            else:
                content += bytes(max(0, offset + len(piece) - len(content)))
                content[offset:offset + len(piece)] = piece
        return bytes(content)

    def sync(self):
        self.content, self.pending = self.with_changes(self.pending), []


class Folder:
    """The names on disk, and what is on its way there: (name, file or None) at a time."""

    def __init__(self):
        self.names, self.pending = {}, []

    def with_changes(self, changes):
        names = dict(self.names)
        for change in changes:
            for name, inode in change:
                names.pop(name, None) if inode is None else names.update({name: inode})
        return names

    def sync(self):
        self.names, self.pending = self.with_changes(self.pending), []

    @property
    def now(self):
        return self.with_changes(self.pending)


class Held:
    """A file or folder that is open, and the place where the next write goes."""

    def __init__(self, inode):
        self.inode, self.place = inode, 0


def pieces(change, size):
    """A change as what the disk does at once."""
    offset, piece = change
    if piece is None or size is None:
        return [change]
    found, end = [], offset + len(piece)
    while offset < end:
        border = min(end, (offset // size + 1) * size)
        found.append((offset, piece[:border - offset]))
        offset, piece = border, piece[border - offset:]
    return found


class Disk:
    """Folders by their paths, relative to a home, as the running program sees them."""

    def __init__(self, snapshot):
        self.root, self.held = Folder(), {}
        for name in sorted(snapshot.folders):
            self.enter(name, Folder())
        for name, content in snapshot.files.items():
            self.enter(name, File(content))
        self.sync_all()

    def sync_all(self, folder=None):
        folder = folder or self.root
        folder.sync()
        for inode in folder.names.values():
            self.sync_all(inode) if isinstance(inode, Folder) else inode.sync()

    def find(self, path):
        """The file or folder of a path; None if there is none."""
        found = self.root
        for part in [] if path == "." else path.split("/"):
            found = found.now.get(part) if isinstance(found, Folder) else None
        return found

    def enter(self, path, inode):
        self._change(path, inode)

    def remove(self, path):
        self._change(path, None)

    def _change(self, path, inode):
        folder, _, name = path.rpartition("/")
        self.find(folder or ".").pending.append([(name, inode)])

    def rename(self, old, new):
        """Within one folder, at once."""
        folder, inode = self.find(old.rpartition("/")[0] or "."), self.find(old)
        assert folder is self.find(new.rpartition("/")[0] or "."), (old, new)
        folder.pending.append(
            [(old.rpartition("/")[2], None), (new.rpartition("/")[2], inode)])

    def image(self, names, changes):
        """What is left, if `names(pending)` of a folder and `changes(pending)` of a file are."""
        found, lost = Snapshot(), {}

        def look(folder, place):
            for name, inode in folder.with_changes(names(folder.pending)).items():
                path = f"{place}{name}"
                if isinstance(inode, Folder):
                    found.folders.add(path)
                    look(inode, path + "/")
                else:
                    # A file of two names has one content.
                    content = lost.setdefault(
                        id(inode), inode.with_changes(changes(inode.pending)))
                    found.files[path] = content

        look(self.root, "")
        return found

    def complete(self):
        """What the running program sees."""
        return self.image(lambda pending: pending, lambda pending: pending)

    def dropped(self):
        """All that was not synced is lost."""
        return self.image(lambda _: [], lambda _: [])

    def nameless(self, random):
        """All contents reached the disk, but not all names."""
        return self.image(_some(random), lambda pending: pending)

    def scattered(self, random, size):
        """Some sectors of this size reached the disk, and some names."""
        some = _some(random)
        return self.image(
            some, lambda pending: some([part for change in pending
                                        for part in pieces(change, size)]))

    def torn(self, random):
        """The power failed within the last write to a file."""
        def changes(pending):
            if not pending or pending[-1][1] is None:
                return pending
            offset, piece = pending[-1]
            return [*pending[:-1], (offset, piece[:random.randrange(len(piece) + 1)])]

        return self.image(lambda pending: pending, changes)

    def unwritten(self, random):
        """The lengths of files reached the disk, and some of what is in them."""
        def changes(pending):
            length = len(File().with_changes(pending))
            parts = [part for change in pending for part in pieces(change, 4096)]
            return [*_some(random)(parts), (max(length, 0), b"")] if pending else []

        return self.image(lambda pending: pending, changes)


def _some(random):
    """Chooses of a list: few, half or most, in their order."""
    share = random.choice((0.1, 0.5, 0.9))
    return lambda pending: [change for change in pending if random.random() < share]
