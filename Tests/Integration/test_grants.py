# Secrets that an agent hands out by grant only: which program has one, who is asked, who is not.

import json
import os
import pty
import shutil
import subprocess
import time

import agent_wire
from agent_case import AgentTest
from agent_wire import DONE, Refused, fetch, frame, lp, number
from shell import Shell
from support import COFFER, PATIENCE

PERMIT, SESSIONS, FORGET = 0x28, 0x29, 0x2a
NOT_GRANTED, TAKES_KEY = 60, 4
VALUE = b"Zq7-value"


class Sitting(Shell):
    """A person at a shell on a terminal of their own."""

    def __init__(self, home, shell="/bin/bash"):
        self.output = b""
        self.leader, self.terminal = pty.fork()
        if self.leader == 0:
            os.chdir(home.path)
            environment = home.environment | {"PS1": "ready>", "COFFER": COFFER, "TERM": "dumb"}
            os.execve(shell, [shell, "--norc", "--noprofile", "--noediting"], environment)
        self.expect(b"ready>")

    def say(self, line):
        """Types a line, as a person does, to whoever reads it."""
        self.type(line.encode() + b"\n")

    def do(self, line):
        """A command to its end: what it prints."""
        self.say(line)
        return self.expect(b"ready>")

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.leader, 0)


class GrantTest(AgentTest):
    def setUp(self):
        super().setUp()
        words = ("--stdin", "--replace", "--require-grant", "yes")
        self.succeed(self.coffer("capture", "a", *words, stdin=VALUE))
        # A program of its own that runs what it is told to, but is no interpreter by its name.
        self.tool = f"{self.home.path}/deploy-tool"
        shutil.copy(os.path.realpath("/bin/dash"), self.tool)

    def sit(self):
        sitting = Sitting(self.home)
        self.addCleanup(sitting.close)
        return sitting

    def unlocked_by_person(self):
        self.start_agent()
        sitting = self.sit()
        sitting.do(f"$COFFER unlock --key-file {self.home.key}")
        self.assertTrue(self.status()["unlocked"])
        return sitting

    def through_tool(self, name="a", tool=None, **options):
        """The program asks, where nobody sits."""
        return subprocess.run(
            [tool or self.tool, "-c", f"{COFFER} get {name}; exit $?"], capture_output=True,
            env=self.home.environment, cwd=self.home.path, stdin=subprocess.DEVNULL,
            start_new_session=True, timeout=PATIENCE, **options)

    def grant(self, *words):
        self.succeed(self.coffer("grant add", "a", "--to", self.tool, *words))


class ProgramTest(GrantTest):
    def setUp(self):
        super().setUp()
        self.start_agent()
        self.unlock()

    def test_without_one_it_is_refused_and_logged(self):
        outcome = self.through_tool()
        self.assertEqual(outcome.returncode, 8)
        self.assertEqual(outcome.stdout, b"")
        self.assertIn(b'"a" is handed out by grant only', outcome.stderr)
        self.assertIn(f"`coffer grant add a --to {self.tool}`".encode(), outcome.stderr)
        self.assertEqual(self.through_tool("b").stdout, b"two")
        last = [event for event in self.events() if event["operation"] == "read"][-2]
        self.assertEqual((last["name"], last["outcome"]), ("a", "refused"))

    def test_a_granted_program_has_it_wherever_it_runs(self):
        self.grant()
        self.assertEqual(self.through_tool().stdout, VALUE)
        self.assertEqual(self.through_tool().stdout, VALUE)
        # Another program of the same bytes, and another one at another path.
        other = f"{self.home.path}/other-tool"
        shutil.copy(self.tool, other)
        self.assertEqual(self.through_tool(tool=other).returncode, 8)
        self.succeed(self.coffer("grant revoke", "a"))
        self.assertEqual(self.through_tool().returncode, 8)

    def test_another_file_at_its_path_is_another_program(self):
        self.grant()
        with open(self.tool, "ab") as file:
            file.write(b"\0")
        self.assertEqual(self.through_tool().returncode, 8)
        # The one that was granted, put back by another name for the file.
        shutil.copy(os.path.realpath("/bin/dash"), f"{self.tool}.new")
        os.rename(f"{self.tool}.new", self.tool)
        self.assertEqual(self.through_tool().stdout, VALUE)

    def test_a_program_whose_file_was_replaced_while_it_runs_gets_nothing(self):
        self.grant()
        running = subprocess.Popen(
            [self.tool, "-c", f"read go; {COFFER} get a; exit $?"], env=self.home.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        shutil.copy(os.path.realpath("/bin/dash"), f"{self.tool}.new")
        os.rename(f"{self.tool}.new", self.tool)
        out, _ = running.communicate(b"go\n", timeout=PATIENCE)
        self.assertEqual((running.returncode, out), (8, b""))

    def test_one_that_is_too_large_to_be_read_has_none_and_holds_up_nobody(self):
        self.grant()
        os.truncate(self.tool, 40 << 30)
        started = time.monotonic()
        self.assertEqual(self.through_tool().returncode, 8)
        self.assertEqual(self.through_tool("b").stdout, b"two")
        self.assertLess(time.monotonic() - started, PATIENCE / 2)

    def test_the_hint_is_a_word_of_a_shell(self):
        folder = self.home.folder("$(id)`id` \"'")
        tool = shutil.copy(self.tool, folder)
        hint = self.through_tool(tool=tool).stderr.decode().partition("--to ")[2]
        word = hint.rpartition("` grants")[0]
        said = subprocess.run(["sh", "-c", f"printf %s {word}"], capture_output=True)
        self.assertEqual(said.stdout.decode(), tool)

    def test_it_is_revoked_by_any_name_of_its_file(self):
        self.succeed(self.coffer("grant add", "a", "--to", "deploy-tool"))
        self.succeed(self.coffer("grant revoke", "a", "--to", "./deploy-tool"))
        self.assertEqual(self.through_tool().returncode, 8)

    def test_nothing_of_what_waits_is_shown_either(self):
        self.succeed(self.home.run("deposit", "a", "--stdin", stdin=b"deposited-eXYZ"))
        self.succeed(self.coffer("lock"))
        self.unlock()
        shown = self.succeed(self.home.run("inbox", "show", "a"))
        self.assertNotIn(b"eXYZ", shown.out)
        self.assertNotIn(b"eXYZ", self.succeed(self.home.run("inbox", "accept", "a")).out)

    def test_it_ends_at_its_time(self):
        self.grant("--expires", "2s")
        self.assertEqual(self.through_tool().stdout, VALUE)
        deadline = time.monotonic() + PATIENCE
        while self.through_tool().returncode == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.through_tool().returncode, 8)

    def test_a_key_needs_none(self):
        self.assertHolds("a", VALUE)

    def test_run_inject_and_helpers_need_one_too(self):
        template = self.home.file("t", b"{{ coffer://a }}")
        for words in (
            ("run", "--env", "V=a", "--", "true"), ("inject", "-i", template),
            ("get", "a", "--format", "json"),
        ):
            outcome = self.home.run(*words, start_new_session=True)
            self.assertEqual(outcome.code, 8, words)
            self.assertNotIn(VALUE, outcome.out)

    def test_an_interpreter_is_granted_nothing_by_its_file(self):
        shell = f"{self.home.path}/bash"
        shutil.copy(os.path.realpath("/bin/dash"), shell)
        self.refuse(self.coffer("grant add", "a", "--to", shell), 8)
        # Not even if the file was another program's when it was granted.
        self.grant()
        os.rename(self.tool, shell)
        self.assertEqual(self.through_tool(tool=shell).returncode, 8)

    def test_the_leader_of_a_session_is_started_by_nobody_known(self):
        outcome = self.home.run("get", "a", start_new_session=True)
        self.refuse(outcome, 8)
        self.assertIn(b"not known which program asks", outcome.err)

    def test_the_rule_is_not_lifted_without_a_key(self):
        edit = lp("a") + number(1, 4) + number(11, 1) + b"\0"
        with self.assertRaises(Refused) as refusal:
            self.wire().ask(frame(agent_wire.EDIT, edit))
        self.assertEqual(refusal.exception.numbers, (TAKES_KEY,))
        self.assertEqual(self.through_tool().returncode, 8)
        # Nor is it sent elsewhere: an issuer's address may stand in a field.
        for edit in (number(2, 1) + lp("url") + lp("https://x.example"), number(3, 1) + lp("url")):
            with self.assertRaises(Refused) as refusal:
                self.wire().ask(frame(agent_wire.EDIT, lp("a") + number(1, 4) + edit))
            self.assertEqual(refusal.exception.numbers, (TAKES_KEY,))
        self.refuse(self.home.run("edit", "a", "--set", "url=x", start_new_session=True), 2, 3)
        self.succeed(self.coffer("edit", "a", "--set", "url=https://idp.example"))
        self.succeed(self.home.run("edit", "b", "--set", "url=https://idp.example"))
        self.refuse(
            self.home.run("edit", "a", "--require-grant", "no", start_new_session=True), 2, 3)
        self.succeed(self.coffer("edit", "a", "--require-grant", "no"))
        self.assertEqual(self.through_tool().stdout, VALUE)

    def test_nobody_permits_themselves(self):
        """A client that answers in a person's place, where no person sits."""
        for scope in (b"\0", b"\1", b"\2" + number(time.time_ns() // 1_000_000 + 60_000, 8)):
            wire = self.wire()
            with self.assertRaises(Refused) as refusal:
                wire.ask(frame(PERMIT, lp("a") + scope))
            self.assertEqual(refusal.exception.kind, NOT_GRANTED)
            with self.assertRaises(Refused):
                wire.ask(fetch("a"))
        for fields in (b"", lp("a"), lp("a") + b"\3", lp("a") + b"\2\0", lp("a") + b"\0\0"):
            with self.assertRaises((Refused, EOFError)):
                self.wire().ask(frame(PERMIT, fields))


class PersonTest(GrantTest):
    """Whoever unlocked the vault sits at the terminal where that was done."""

    def setUp(self):
        super().setUp()
        self.person = self.unlocked_by_person()

    def ask(self, command="$COFFER get a --show"):
        self.person.say(command)
        return self.person.expect(b"allow it")

    def answer(self, word):
        self.person.say(word)
        return self.person.expect(b"ready>")

    def test_once(self):
        asked = self.ask()
        self.assertIn(b"/bash (process ", asked)
        self.assertIn(b') asks for "a"', asked)
        self.assertIn(VALUE, self.answer("o"))
        # Not a second time.
        self.ask()
        answer = self.answer("n")
        self.assertIn(b"handed out by grant only", answer)
        self.assertNotIn(VALUE, answer)

    def test_what_was_typed_before_the_question_answers_nothing(self):
        self.person.say("sleep 0.5; $COFFER get a --show")
        self.person.say("s")
        self.person.expect(b"allow it")
        time.sleep(0.3)
        self.assertNotIn(VALUE, self.person.rest())
        self.answer("n")

    def test_two_that_ask_at_once_ask_one_after_the_other(self):
        self.person.say(f"{self.tool} -c '$COFFER get a --show & $COFFER get a --show; wait'")
        self.person.expect(b"allow it")
        time.sleep(0.5)
        self.assertNotIn(b"asks for", self.person.rest())
        self.person.say("n")
        # Not the hint of the first, which also says who can allow it.
        self.person.expect(b"allow it once")
        self.answer("n")

    def own_program(self, words):
        """A program that speaks the protocol itself, run by the person."""
        return "python3 " + self.home.file("own.py", (
            "import subprocess, sys, time\nsys.path.insert(0, %r)\nfrom agent_wire import *\n"
            "wire = Wire(%r, hello(%r))\n"
            "def permit(scope): return frame(0x28, lp('a') + scope)\n"
            "def tried(question):\n"
            "    try: wire.ask(question); print('had it')\n"
            "    except Refused as refusal: print('refused', refusal.kind)\n"
            % (os.path.dirname(os.path.abspath(__file__)), self.socket, self.home.vault)
            + words).encode())

    def test_once_ends_with_what_is_taken_back(self):
        shown = self.person.do(self.own_program(
            f"wire.ask(permit(b'\\0'))\n"
            f"subprocess.run([{COFFER!r}, 'grant', 'revoke', '--session'], check=True)\n"
            "tried(fetch('a'))\n"))
        self.assertIn(b"refused 60", shown)

    def test_a_program_is_not_allowed_for_longer_than_takes_no_key(self):
        for milliseconds in (0, 1 << 63, time.time_ns() // 1_000_000 + 31 * 86_400_000):
            shown = self.person.do(self.own_program(
                f"tried(permit(b'\\2' + number({milliseconds}, 8)))\n"))
            self.assertIn(b"refused 22", shown)
        self.assertEqual(self.succeed(self.coffer("grant list")).out, b"")

    def test_no_is_what_is_meant_by_nothing(self):
        self.ask()
        self.assertIn(b"handed out by grant only", self.answer(""))

    def test_in_this_session_until_it_is_locked(self):
        self.ask()
        self.assertIn(VALUE, self.answer("s"))
        self.assertIn(VALUE, self.person.do("$COFFER get a --show"))
        listed = self.succeed(self.home.run("grant", "list", "--session", "--json"))
        held = json.loads(listed.out)
        self.assertEqual([grant["secret"] for grant in held], ["a"])
        self.assertEqual(held[0]["session"], self.person.leader)
        # Another session, on another terminal or on none, has nothing of it.
        other = self.sit()
        self.assertIn(b"handed out by grant only", other.do("$COFFER get a --show"))
        self.assertEqual(self.through_tool().returncode, 8)
        # Another program in this session has not either.
        self.person.say(f"{self.tool} -c '$COFFER get a --show; true'")
        self.person.expect(b"allow it")
        self.assertIn(b"grant only", self.answer("n"))
        self.person.do("$COFFER lock")
        self.person.do(f"$COFFER unlock --key-file {self.home.key}")
        self.ask()
        self.answer("n")

    def test_sessions_can_be_taken_back(self):
        self.ask()
        self.answer("s")
        self.succeed(self.home.run("grant", "revoke", "--session"))
        self.ask()
        self.answer("n")

    def test_a_program_for_a_time(self):
        self.ask(f"{self.tool} -c '$COFFER get a --show; true'")
        self.person.say("p")
        self.person.expect(b"for how long [8h]")
        self.assertIn(VALUE, self.answer(""))
        grants = json.loads(self.succeed(self.coffer("grant list", "--json")).out)
        self.assertEqual([grant["program"] for grant in grants], [self.tool])
        self.assertIsNotNone(grants[0]["expires"])
        # It is the vault's now, and holds where nobody sits.
        self.assertEqual(self.through_tool().stdout, VALUE)

    def test_a_shell_is_no_program(self):
        self.assertNotIn(b"program", self.ask())
        self.person.say("p")
        self.person.expect(b"answer o, s or n")
        self.person.expect(b"allow it")
        self.answer("n")

    def test_behind_a_pipe_the_terminal_is_asked(self):
        self.person.say("$COFFER get a | tr Z z")
        self.person.expect(b"allow it")
        self.assertIn(b"zq7-value", self.answer("o"))

    def test_in_the_background_nobody_is_asked(self):
        self.person.say("set -m")
        self.person.expect(b"ready>")
        shown = self.person.do("$COFFER get a > out 2> err & wait; cat out err")
        self.assertIn(b"handed out by grant only", shown)

    def test_a_person_elsewhere_is_not_asked(self):
        shown = self.sit().do("$COFFER get a --show")
        self.assertIn(b"handed out by grant only", shown)
        self.assertIn(b"where the vault was unlocked", shown)

    def test_each_answer_is_logged_with_its_program(self):
        self.ask()
        self.answer("s")
        added = [event for event in self.events() if event["operation"] == "permit"]
        self.assertEqual([event["name"] for event in added], ["a"])
        self.assertTrue(added[0]["job"].endswith("/bash"), added[0])
        self.assertVerifies()

    def test_a_client_that_answers_itself_is_told_apart_by_its_program(self):
        """A program that speaks the protocol is itself who asks: it gets what was allowed to it,
        not what was allowed to its shell."""
        self.ask()
        self.answer("s")
        self.assertIn(b"refused 60", self.person.do(self.own_program("tried(fetch('a'))\n")))
