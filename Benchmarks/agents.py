"""Measures a vault that an agent keeps open: `make bench AGENT=1`.

Whole processes in alternation with /bin/true, and questions over connections that are kept.
"""

import glob
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests/Integration"))
from agent_wire import Wire, fetch, hello  # noqa: E402

CONNECTIONS, QUESTIONS = (1, 4, 16, 64), 8_000


class Agent:
    """The agent of a vault, open."""

    def __init__(self, vault):
        self.vault = vault
        subprocess.run(vault.command("unlock"), check=True, stderr=subprocess.DEVNULL)
        status = subprocess.run(self.words("status", "--json"), check=True, capture_output=True)
        self.process = json.loads(status.stdout)["agent"]

    def words(self, *words):
        """Words of a command that has no key of its own."""
        return [self.vault.coffer, *words, "--vault", str(self.vault.path)]

    def stop(self):
        subprocess.run(self.words("agent", "--stop"), check=True)

    @property
    def resident(self) -> float:
        """MiB."""
        text = Path(f"/proc/{self.process}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    @property
    def seconds(self) -> float:
        """Of processor time."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self):
        for path in glob.glob(os.environ["XDG_RUNTIME_DIR"] + "/coffer/agent*.sock"):
            try:
                return Wire(path, hello(self.vault.path))
            except Exception:  # noqa: BLE001 - another vault's agent
                continue
        raise SystemExit("no agent answers")


def percentiles(words: list[str], runs: int) -> tuple[float, float]:
    """Median and 99th percentile of whole processes, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def measure_processes(watch, agents: list[Agent], report):
    commands = {"true": ["/bin/true"]}
    for agent in agents:
        commands[f"get {agent.vault.size}"] = agent.words("get", agent.vault.middle)
    middle = next(agent for agent in agents if agent.vault.size == 10_000)
    commands["list"] = middle.words("list")
    commands["prefix"] = middle.words("list", "team7/service1")
    medians = watch.medians(commands)
    true = medians["true"]
    slowness = true / 0.75e-3
    for agent in agents:
        ratio = medians[f"get {agent.vault.size}"] / true
        report.say(f"warm get, {agent.vault.size:,} secrets", f"{ratio:.2f} x true",
                   "at most 2.5", ratio <= 2.5)
    growth = medians[f"get {agents[-1].vault.size}"] / medians[f"get {agents[0].vault.size}"]
    report.say(f"warm get at {agents[-1].vault.size:,} to {agents[0].vault.size:,}",
               f"{growth:.2f} x", "at most 1.25", growth <= 1.25)
    for name, what, most in (("list", "list of 10,000 names", 20), ("prefix", "of a prefix", 5)):
        report.say(what, f"{medians[name] * 1e3:.1f} ms",
                   f"at most {most * slowness:.1f} ms ({most} ms)",
                   medians[name] * 1e3 <= most * slowness)
    median, worst = percentiles(agents[0].words("get", agents[0].vault.middle), 500)
    report.say("99th percentile of a warm get", f"{worst / median:.2f} x median", "under 5",
               worst < 5 * median)


def measure_kept(agent: Agent, report):
    """Every answer is in the log before it is given; those that ask at once share a transaction."""
    question = fetch(agent.vault.middle)
    for count in CONNECTIONS:
        wires = [agent.connect() for _ in range(count)]
        busy = agent.seconds
        for _ in range(QUESTIONS // count):
            for wire in wires:
                wire.send(question)
            for wire in wires:
                wire.receive()
        rate = QUESTIONS / (agent.seconds - busy)
        for wire in wires:
            wire.close()
        report.say(f"audited gets a second of its time, {count} at once", f"{rate:,.0f}",
                   "at least 20,000", rate >= 20_000)


def measure_agents(watch, vaults, report):
    os.environ["XDG_RUNTIME_DIR"] = str(watch.home)
    agents = [Agent(vault) for vault in vaults]
    print("coffer with an agent")
    try:
        measure_processes(watch, agents, report)
        measure_kept(agents[0], report)
        idle = max(agent.resident for agent in agents)
        report.say("resident memory of an idle agent", f"{idle:.1f} MiB", "under 16 MiB", idle < 16)
    finally:
        for agent in agents:
            agent.stop()
