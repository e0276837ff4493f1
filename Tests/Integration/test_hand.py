# Values in the hands of jobs and people from a vault that an agent keeps open, and while it is locked.

import json
import unittest

from agent_case import AgentTest


class HandTest(AgentTest):
    """No key is named: what is handed out is the agent's answer, under the same rules."""

    def setUp(self):
        super().setUp()
        self.start_agent()

    def runs(self):
        """Words of each way, and what it prints."""
        return (
            (("inject", "-i", self.template), b"<one>"),
            (("get", "a", "--format", "json"), b'{"secret":"one"}\n'),
            (("run", "--mask", "--env", "A=long", "--", "sh", "-c", 'echo "$A"'), b"[redacted]\n"),
        )

    @property
    def template(self):
        return self.home.file("t", b"<{{ coffer://a }}>")

    def test_the_agent_answers_and_the_log_has_it(self):
        self.store("long", b"long enough")
        self.unlock()
        for words, wanted in self.runs():
            before = len(self.fetched())
            outcome = self.succeed(self.home.run(*words, start_new_session=True))
            self.assertEqual(outcome.out, wanted)
            self.assertEqual(len(self.fetched()), before + 1)
        self.assertVerifies()

    def fetched(self):
        return [event for event in self.events() if event["operation"] == "read"]

    def test_locked_nothing_is_handed_out(self):
        for words, _ in self.runs():
            self.refuse(self.home.run(*words, start_new_session=True), 3)
        path = f"{self.home.path}/out"
        self.refuse(
            self.home.run("inject", "-i", self.template, "-o", path, start_new_session=True), 3)
        with self.assertRaises(FileNotFoundError):
            open(path)

    def test_a_secret_that_asks_for_a_reason(self):
        self.succeed(self.coffer("edit", "a", "--require-reason", "yes"))
        self.unlock()
        words = ("inject", "-i", self.template)
        outcome = self.refuse(self.home.run(*words, start_new_session=True), 8)
        self.assertIn(b"the template, line 1, column 2: ", outcome.err)
        self.succeed(self.home.run(*words, "--reason", "a deployment", start_new_session=True))
        self.assertIn("a deployment", json.dumps(self.events()))


if __name__ == "__main__":
    unittest.main()
