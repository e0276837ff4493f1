# A command with an agent of its own: it and what it starts need no key, and nobody else finds it.

import json
import os
import signal
import sys
import unittest

from agent_case import AgentTest
from support import COFFER, PATIENCE, wait_until
from tracing import proc


class WithAgentTest(AgentTest):
    def command(self, *words, key=None, **options):
        return self.home.start("with-agent", "--key-file", key or self.home.key, "--", *words,
                               **options)

    def outcome(self, *words, **options):
        process = self.command(*words, **options)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def folders(self):
        return [name for name in os.listdir(f"{self.home.path}/runtime/coffer")
                if name.startswith("with-")]

    def assertNothingLeft(self):
        wait_until(lambda: not self.folders(), "no folder of an agent")

    def test_a_command_and_what_it_starts_need_no_key(self):
        script = f"{COFFER} get a; {COFFER} status >/dev/null && env {COFFER} get b"
        code, out, err = self.outcome("sh", "-c", script)
        self.assertEqual((code, out), (0, b"onetwo"), err)
        self.assertNothingLeft()
        events = self.operations()
        self.assertEqual(events[-5:-1], ["unlock", "read", "read", "lock"], events)
        self.assertVerifies()

    def test_its_exit_code_and_signals_are_its_own(self):
        self.assertEqual(self.outcome("sh", "-c", "exit 7")[0], 7)
        process = self.command("sh", "-c", "echo ready; exec sleep 1000")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=PATIENCE), -signal.SIGTERM)
        self.assertNothingLeft()

    def test_nobody_else_finds_it_and_it_ends_with_a_killed_command(self):
        process = self.command("sh", "-c", f"{COFFER} status --json; exec sleep 1000")
        status = json.loads(process.stdout.readline())
        self.assertTrue(status["unlocked"])
        self.assertEqual(self.home.run("status").code, 3)
        self.refuse(self.home.run("get", "a"), 3)
        self.assertEqual(os.getsid(status["agent"]), status["agent"])
        locked = [line for line in proc(status["agent"], "status").decode().splitlines()
                  if line.startswith("VmLck")]
        self.assertGreater(int(locked[0].split()[1]), 0, locked)
        process.kill()
        process.wait()
        wait_until(lambda: not os.path.exists(f"/proc/{status['agent']}"), "an agent that is gone")
        self.assertNothingLeft()
        self.assertVerifies()

    def test_it_is_no_child_of_the_command(self):
        code, out, err = self.outcome(
            sys.executable, "-c", "import os\ntry: os.wait()\nexcept ChildProcessError: print(1)")
        self.assertEqual((code, out), (0, b"1\n"), err)

    def test_what_fails_starts_nothing_and_leaves_nothing(self):
        other = self.home.path + "/other"
        self.succeed(self.home.run(
            "init", "--vault", self.home.folder("other-vault") + "/v.db", "--new-key-file", other))
        mark = self.home.path + "/mark"
        code, _, err = self.outcome("touch", mark, key=other)
        self.assertEqual(code, 3, err)
        self.assertNothingLeft()
        self.assertEqual(self.outcome("no-such-program")[0], 127)
        self.assertFalse(os.path.exists(mark))
        self.assertNothingLeft()

    def test_one_within_another_is_another(self):
        inner = [COFFER, "with-agent", "--key-file", self.home.key, "--", COFFER, "get", "a"]
        code, out, err = self.outcome(*inner)
        self.assertEqual((code, out), (0, b"one"), err)
        self.assertNothingLeft()


if __name__ == "__main__":
    unittest.main()
