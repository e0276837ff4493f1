# What there is before a change of a job, a delivery, a grant or a version, and how what became of
# it is told.

import json
import os
import shutil


def add_job(test):
    test.succeed(test.home.with_key("job add", "nightly", "--identity-file", "nightly.job"))


def deliver_old(test):
    add_job(test)
    test.succeed(test.home.with_key("deliver", "old", "--to", "nightly"))


def make_tool(test):
    """A program that can have a grant."""
    shutil.copy(os.path.realpath("/bin/true"), f"{test.home.path}/tool")


def grant_old(test):
    make_tool(test)
    test.succeed(test.home.with_key("grant add", "old", "--to", "tool"))


def judge_job(witness, first):
    """There is a job or none; an identity without one opens nothing."""
    state = witness.compared(first)
    _has_jobs(witness, ["nightly"] if state == "after" else [])
    return state


def judge_removed_job(witness, first):
    """The job is there with what is delivered to it, or neither is."""
    state = witness.compared(first)
    is_there = state == "before"
    _has_jobs(witness, ["nightly"] if is_there else [])
    _opens(witness, b"the value in force" if is_there else None)
    return state


def judge_delivery(witness, first):
    """The job has it or not, as the log says."""
    state = witness.compared(first)
    _opens(witness, b"the value in force" if state == "after" else None)
    return state


def judge_revoked(witness, first):
    """The job has it no longer, or still; the job itself stays."""
    state = witness.compared(first)
    _has_jobs(witness, ["nightly"])
    _opens(witness, b"the value in force" if state == "before" else None)
    return state


def judge_followed(witness, first):
    """The job has the version that is in use."""
    state = witness.compared(first)
    _opens(witness, b"a newer value, never seen" if state == "after" else b"the value in force")
    return state


def judge_renamed(witness, first):
    """The job has it under the one name or under the other."""
    state = witness.compared(first)
    is_old = state == "before"
    _opens(witness, b"the value in force" if is_old else None)
    _opens(witness, None if is_old else b"the value in force", "newer")
    return state


def judge_grant(witness, first):
    """There is a grant or none."""
    return _has_grant(witness, witness.compared(first), "after")


def judge_revoked_grant(witness, first):
    """There is none or still the grant."""
    return _has_grant(witness, witness.compared(first), "before")


def judge_rollback(witness, first):
    """The one version is in use or the other."""
    state = witness.compared(first)
    used = witness.ask(["get", "old"]).out
    if used != (b"the value before it" if state == "after" else b"the value in force"):
        witness.fail("third states", used)
    return state


def judge_rule(witness, first):
    """A grant is needed or not."""
    state = witness.compared(first)
    shown = json.loads(witness.ask(["show", "kept", "--json"]).out)
    if shown["requires_grant"] != (state == "after"):
        witness.fail("third states", shown)
    return state


def _has_grant(witness, state, when):
    grants = json.loads(witness.ask(["grant list", "--json"]).out)
    if [grant["secret"] for grant in grants] != (["old"] if state == when else []):
        witness.fail("third states", grants)
    return state


def _has_jobs(witness, names):
    jobs = json.loads(witness.ask(["job list", "--json"]).out)
    if [job["name"] for job in jobs] != names:
        witness.fail("third states", jobs)


def _opens(witness, value, name="old"):
    outcome = witness.home.run("get", name, "--job-file", "nightly.job")
    witness.answered("get by a job", outcome, (0, 4))
    if outcome.out != (value or b"") or (outcome.code == 0) != (value is not None):
        witness.fail("third states", outcome)
