"""Times whole processes in alternation, so that a machine's drift hits all commands alike."""

import json
import shlex
import statistics
import subprocess
from pathlib import Path


class Stopwatch:
    """hyperfine without a shell, in rounds."""

    def __init__(self, home: Path, rounds: int, runs: int):
        self.home, self.rounds, self.runs = home, rounds, runs

    def medians(self, commands: dict[str, list[str]], runs: int | None = None
                ) -> dict[str, float]:
        """Median seconds of each command over all rounds; any failure ends the measurement."""
        times: dict[str, list[float]] = {name: [] for name in commands}
        report = self.home / "report.json"
        for _ in range(self.rounds):
            for name, command in commands.items():
                words = ["hyperfine", "--shell=none", "--style=none", "--warmup=1",
                         f"--runs={runs or self.runs}", f"--export-json={report}"]
                done = subprocess.run([*words, shlex.join(command)], capture_output=True)
                if done.returncode:
                    raise SystemExit(f"{name}: {done.stderr.decode()}")
                times[name] += json.loads(report.read_text())["results"][0]["times"]
        return {name: statistics.median(values) for name, values in times.items()}
