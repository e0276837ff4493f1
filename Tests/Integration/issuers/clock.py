"""The time at the issuers."""

import datetime
import time


class Clock:
    """Real time, plus what a test lets pass: clients look at the real time, and a token that they
    made must not come from the future."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Lets time pass at the issuers at once."""
        self._ahead += seconds

    def moment(self, at: float | None = None) -> datetime.datetime:
        """A time, now if none is given, as a date in UTC."""
        return datetime.datetime.fromtimestamp(self.now() if at is None else at, datetime.UTC)

    def text(self, at: float | None = None) -> str:
        """A time as most issuers write it (RFC 3339)."""
        return self.moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> float:
    """The time that a date in RFC 3339 names; ValueError if it is none."""
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()
