# The base of tests that do something to a command at very many places: a vault in the state before,
# homes to work in, and a tally.

import concurrent.futures
import contextlib
import itertools
import os
import queue
import random

from changes import make_base
from left_vault import LeftVault
from snapshot import Snapshot
from support import TORTURE, CofferTest, Home
from tally import Tally
from witness import Fault

WORKERS = os.cpu_count()
# What is sampled; another seed samples other places.
SEED = os.environ.get("COFFER_SEED", "1")


class TormentTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.empty = Snapshot.of(self.home)
        make_base(self)
        # By what makes it: what there is before a command, and how many entries its log has.
        self.settings = {None: (Snapshot.of(self.home), len(LeftVault(self.home).entries))}
        self.homes = queue.SimpleQueue()
        for _ in range(WORKERS):
            home = Home()
            self.addCleanup(home.remove)
            self.homes.put(home)

    def setting(self, command):
        if not (command.before or command.setting):
            return self.empty, 0
        if command.setting not in self.settings:
            self.settings[None][0].lay_out(self.home)
            entries = command.setting(self) or len(LeftVault(self.home).entries)
            self.settings[command.setting] = Snapshot.of(self.home), entries
        return self.settings[command.setting]

    def prepare(self, home, command):
        """Lays out what there is before a command."""
        self.setting(command)[0].lay_out(home)
        home.key = f"{home.path}/key"
        if home.has_vault:
            home.age_newest_seal(0 if command.is_soon else 60_000)

    def since(self, command):
        """How many entries the log has before a command."""
        return self.setting(command)[1] + len(command.behind)

    @contextlib.contextmanager
    def a_home(self):
        home = self.homes.get()
        try:
            yield home
        finally:
            self.homes.put(home)

    def chosen(self, groups, command, few, most=None):
        """Of all groups in turn: everything when there is time, up to `most`; else a few, the same
        in every run."""
        rng = random.Random(f"{SEED} {command.title}")
        groups = [rng.sample(group, len(group)) for group in rng.sample(groups, len(groups))]
        turns = itertools.zip_longest(*groups)
        items = [item for turn in turns for item in turn if item is not None]
        return items[:most if TORTURE else few]

    def try_all(self, command, items, attempt):
        """Calls `attempt(home, item, tally)` for all items; none may end in a fault."""
        tally = Tally(command.title)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda item: self._try(item, attempt, tally), items))
        tally.close()
        self.assertEqual(tally.evidence[:5], [], f"{command.title}: {dict(tally.counts)}")
        return tally.counts

    def _try(self, item, attempt, tally):
        with self.a_home() as home:
            try:
                attempt(home, item, tally)
            except (Fault, AssertionError) as fault:
                tally.fault(getattr(fault, "kind", "unclear"), f"{item}: {fault}")
