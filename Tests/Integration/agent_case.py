# Tests with an agent: one that is started in front of the test and ends with it.

import glob
import json
import os
import signal
import subprocess

from agent_wire import Wire, hello
from support import CofferTest, wait_until


class AgentTest(CofferTest):
    """A vault with an agent, which is locked."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=b"one", b=b"two")

    def start_agent(self, *words, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        agent = self.home.start("agent", "--foreground", *words, **dict(options))
        self.addCleanup(self.end, agent)
        # Of another user we see no more than that it closes.
        ends = (EOFError,) if "under" in options else ()
        wait_until(lambda: self.is_listening(ends) or agent.poll() is not None, "an agent")
        self.agent = agent
        return agent

    def is_listening(self, ends=()):
        """Whether one answers: the socket's name is there before anybody listens."""
        try:
            self.wire().close()
            return True
        except ends:
            return True
        except (OSError, IndexError, EOFError):
            return False

    @property
    def socket(self):
        return glob.glob(f"{self.home.path}/runtime/coffer/agent*.sock")[0]

    def wire(self, greet=True, **options):
        return Wire(self.socket, hello(self.home.vault) if greet else None, **options)

    @staticmethod
    def end(agent):
        if agent.poll() is None:
            agent.send_signal(signal.SIGTERM)
            try:
                agent.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                agent.kill()
        if agent.poll() is None:
            agent.wait()
        for stream in (agent.stdout, agent.stderr):
            if stream:
                stream.close()

    def unlock(self, *words):
        self.succeed(self.coffer("unlock", *words))

    def status(self):
        return json.loads(self.home.run("status", "--json").out)

    def events(self):
        """The log, the oldest entry first."""
        lines = self.succeed(self.coffer("audit log", "--json")).out.splitlines()
        events = [json.loads(line) for line in lines]
        return sorted(events, key=lambda event: event["number"])

    def operations(self):
        return [event["operation"] for event in self.events()]

    def assertVerifies(self):
        self.succeed(self.coffer("audit verify"))

    def kill(self):
        os.kill(self.agent.pid, signal.SIGKILL)
        self.agent.wait()
