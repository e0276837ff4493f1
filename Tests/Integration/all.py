# Runs every module of tests, three at a time: most of them wait more than they compute.
#
# `python3 Tests/Integration/all.py`; what a module says is shown if it fails or skips something.

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# Those that take longest begin.
LONGEST = [
    "test_power_cuts", "test_sweeps", "test_storm", "test_rotate_traces", "test_rotate_trouble",
    "test_rotate_in_place", "test_faults", "test_reference_refusals", "test_tampering",
    "test_log_kills", "test_rotate_sweep", "test_rotation_faults", "test_rotate"]


def run(module):
    """How a module ended, what it said, and the seconds that it took."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", module], cwd=HERE, text=True,
        errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return module, done.returncode, done.stdout, time.monotonic() - start


def main():
    modules = sorted(path.stem for path in HERE.glob("test_*.py"))
    modules.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    failed, count, skipped = [], 0, []
    workers = 1 if os.environ.get("COFFER_TORTURE") else 3
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for module, code, said, seconds in pool.map(run, modules):
            ran = re.search(r"^Ran (\d+) tests?", said, re.MULTILINE)
            # A module without a test is one that was not found.
            tests = int(ran.group(1)) if ran else 0
            count += tests
            skipped += [line for line in said.splitlines() if " ... skipped " in line]
            if code or not tests:
                failed.append(module)
                print(said)
            print(f"{module}: {tests} tests in {seconds:.0f} s{' FAILED' if code else ''}", flush=True)
    for line in skipped:
        print(line)
    print(f"{count} integration tests, {len(skipped)} skipped, in {len(modules)} modules;",
          "failed: " + ", ".join(failed) if failed else "none failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
