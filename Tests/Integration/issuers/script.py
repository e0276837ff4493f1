"""Which requests go wrong."""

import fnmatch
import threading
from dataclasses import dataclass
from typing import Any

from .faults import Certificate, Fault


@dataclass
class Scene:
    """A fault for those requests to one player whose title fits the pattern: the first `skip` pass,
    the next `times` fail."""

    player: Any
    fault: Fault | Certificate
    on: str
    times: int
    skip: int
    # How many have failed: a test that relies on a fault asserts that it happened.
    played: int = 0

    def takes(self, player: Any, title: str) -> bool:
        """Whether this one fails; counts it."""
        fits = player is self.player and fnmatch.fnmatchcase(title, self.on)
        if not fits or self.played == self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.played += 1
        return True


class Script:
    """All scenes, in the order in which they were written; a request plays in one at most."""

    def __init__(self) -> None:
        self._scenes: list[Scene] = []
        self._lock = threading.Lock()

    def add(self, scene: Scene) -> Scene:
        with self._lock:
            self._scenes.append(scene)
        return scene

    def fault(self, player: Any, title: str) -> Fault | None:
        """The fault for a request of this title."""
        return self._first(player, title, certificates=False)

    def certificate(self, player: Any) -> Certificate | None:
        """The fault for a connection."""
        return self._first(player, "", certificates=True)

    def _first(self, player: Any, title: str, certificates: bool) -> Any:
        with self._lock:
            for scene in self._scenes:
                if isinstance(scene.fault, Certificate) != certificates:
                    continue
                if scene.takes(player, title):
                    return scene.fault
        return None
