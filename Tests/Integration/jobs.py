# What there is before a delivery, and how what became of it is told.

import json


def add_job(test):
    test.succeed(test.home.with_key("job add", "nightly", "--identity-file", "nightly.job"))


def deliver_old(test):
    add_job(test)
    test.succeed(test.home.with_key("deliver", "old", "--to", "nightly"))


def judge_job(witness, first):
    """There is a job or none; an identity without one opens nothing."""
    state = witness.compared(first)
    jobs = json.loads(witness.ask(["job list", "--json"]).out)
    if [job["name"] for job in jobs] != (["nightly"] if state == "after" else []):
        witness.fail("third states", jobs)
    return state


def judge_delivery(witness, first):
    """The job has it or not, as the log says."""
    state = witness.compared(first)
    _opens(witness, b"the value in force" if state == "after" else None)
    return state


def judge_followed(witness, first):
    """The job has the version that is in use."""
    state = witness.compared(first)
    _opens(witness, b"a newer value, never seen" if state == "after" else b"the value in force")
    return state


def _opens(witness, value):
    outcome = witness.home.run("get", "old", "--job-file", "nightly.job")
    witness.answered("get by a job", outcome, (0, 4))
    if outcome.out != (value or b"") or (outcome.code == 0) != (value is not None):
        witness.fail("third states", outcome)
