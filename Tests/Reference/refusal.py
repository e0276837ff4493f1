"""Why nothing is read: the classes of docs/spec/vault-format.md, "Rejecting"."""

EXIT_CODES = {
    "usage": 2, "locked": 3, "missing": 4, "integrity": 5, "unsupported": 6, "rollback": 7,
    "refused": 8}


class Refusal(Exception):
    """Why nothing is read; the class is one of the spec's table in "Rejecting"."""

    def __init__(self, kind, words):
        super().__init__(f"{kind}: {words}")
        self.kind = kind


def need(condition, kind, words):
    if not condition:
        raise Refusal(kind, words)
