"""The keys that an issuer knows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock


@dataclass
class Delay:
    """Until when a new key is refused: for so many attempts, and for so many seconds."""

    attempts: int = 0
    seconds: float = 0


@dataclass
class Key:
    """A secret that an issuer made, and what it knows about it.

    `login` is what is presented with the secret: a client id, an account. Keys may share one.
    """

    id: str
    secret: str
    login: str
    created: float
    expires: float | None = None
    active: bool = True
    refusals: int = 0
    ripe: float = 0
    used: float | None = None
    # What else the issuer tells of it.
    facts: dict[str, Any] = field(default_factory=dict)


class Full(Exception):
    """No slot is free."""


class Ring:
    """All keys of an issuer. `slots` is how many one login may have, whatever their state."""

    def __init__(self, slots: int | None = None) -> None:
        self.clock = Clock()
        self.slots = slots
        self.delay = Delay()
        # Every key that was ever made through the interface of the issuer, in order.
        self.created: list[Key] = []
        self._keys: dict[str, Key] = {}

    def __iter__(self) -> Iterator[Key]:
        return iter(list(self._keys.values()))

    def get(self, identifier: str) -> Key | None:
        return self._keys.get(identifier)

    def of(self, login: str) -> list[Key]:
        return [key for key in self if key.login == login]

    def grant(self, identifier: str, secret: str, login: str, **more: Any) -> Key:
        """A key that has been there for long: at once effective, and in no list of creations."""
        key = Key(identifier, secret, login, self.clock.now(), **more)
        self._keys[identifier] = key
        return key

    def create(self, identifier: str, secret: str, login: str, **more: Any) -> Key:
        """A key that a client asked for."""
        if self.slots is not None and len(self.of(login)) >= self.slots:
            raise Full
        key = self.grant(identifier, secret, login, **more)
        self.defer(key)
        self.created.append(key)
        return key

    def defer(self, key: Key) -> None:
        """Lets a key be refused for as long as new ones are."""
        key.refusals = self.delay.attempts
        key.ripe = self.clock.now() + self.delay.seconds if self.delay.seconds else 0

    def remove(self, identifier: str) -> None:
        del self._keys[identifier]

    def is_live(self, key: Key) -> bool:
        """Whether the issuer would let it in, be it a little later."""
        return key.active and (key.expires is None or self.clock.now() < key.expires)

    def live(self) -> dict[str, str]:
        return {key.id: key.secret for key in self if self.is_live(key)}

    def admit(self, secret: str, login: str | None = None) -> Key | None:
        """The key that a client presents, if it is let in now."""
        for key in self:
            if not secret or key.secret != secret or login not in (None, key.login):
                continue
            if not self.is_live(key) or self.clock.now() < key.ripe:
                return None
            if key.refusals:
                key.refusals -= 1
                return None
            key.used = self.clock.now()
            return key
        return None
