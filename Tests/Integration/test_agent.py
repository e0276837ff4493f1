# A vault that an agent keeps open: the same results and codes as without one, logged, until it is
# locked.

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import agent_wire
import root_key
from agent_case import AgentTest
from agent_wire import Refused, fetch
from support import COFFER, PATIENCE, needs, wait_until


class LifeTest(AgentTest):
    def test_one_passphrase_opens_it_for_every_command_until_it_is_locked(self):
        self.start_agent()
        self.assertEqual(self.home.run("status").code, 3)
        self.refuse(self.home.run("get", "a"), 3)
        self.unlock()
        self.assertEqual(self.home.run("status").code, 0)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertEqual(self.succeed(self.home.run("list")).out, b"a\nb\n")
        self.succeed(self.home.run("lock"))
        self.refuse(self.home.run("get", "a"), 3)
        self.assertEqual(self.home.run("status").code, 3)
        self.assertVerifies()

    def test_unlock_starts_an_agent_that_outlives_it(self):
        ours, theirs = os.pipe()
        self.addCleanup(os.close, ours)
        self.succeed(self.coffer("unlock", pass_fds=[theirs]))
        os.close(theirs)
        process = self.status()["agent"]
        self.addCleanup(os.kill, process, signal.SIGKILL)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertEqual(os.getsid(process), process)
        self.assertEqual(os.readlink(f"/proc/{process}/cwd"), "/")
        held = [os.readlink(f"/proc/{process}/fd/{name}")
                for name in os.listdir(f"/proc/{process}/fd")]
        self.assertFalse([place for place in held if "pipe:" in place], held)
        self.unlock()
        self.assertEqual(self.status()["agent"], process)

    def test_two_that_start_at_once_are_one(self):
        starts = [self.home.start("agent") for _ in range(8)]
        codes = []
        for start in starts:
            start.communicate(timeout=PATIENCE)
            codes.append(start.returncode)
        self.addCleanup(os.kill, self.status()["agent"], signal.SIGKILL)
        self.assertEqual(sorted(codes), [0] + [10] * 7)

    def test_one_that_is_handed_a_socket_listens_there(self):
        self.start_agent()
        path = self.socket
        self.end(self.agent)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen()
        # As systemd does it: descriptor 3, and the number of the process that it is for.
        agent = subprocess.Popen(
            ["sh", "-c", 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" agent --foreground', COFFER],
            env=self.home.environment, stdin=subprocess.DEVNULL, close_fds=False,
            preexec_fn=lambda: (os.dup2(listener.fileno(), 3), os.set_inheritable(3, True)))
        self.addCleanup(agent.wait)
        self.unlock()
        self.assertEqual(self.status()["agent"], agent.pid)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.succeed(self.home.run("agent", "--stop"))
        self.assertTrue(os.path.exists(path))

    def test_a_start_that_fails_is_told(self):
        os.chmod(self.home.folder("runtime/coffer"), 0o755)
        outcome = self.refuse(self.home.run("agent"), 8)
        self.assertIn(b"chmod 700", outcome.err)

    def test_it_locks_when_nothing_is_asked(self):
        self.start_agent("--idle", "1s")
        self.unlock()
        self.assertTrue(self.status()["unlocked"])
        wait_until(lambda: not self.status()["unlocked"], "a locked vault")
        self.assertEqual(self.operations()[-2], "lock")

    def test_it_locks_in_any_case_however_much_it_is_asked(self):
        self.start_agent()
        self.unlock("--max", "1s")
        wait_until(lambda: self.home.run("get", "a").code == 3, "a locked vault")

    def test_signals_lock_it_or_end_it(self):
        self.start_agent()
        for number in (signal.SIGHUP, signal.SIGUSR1):
            self.unlock()
            self.agent.send_signal(number)
            wait_until(lambda: not self.status()["unlocked"], "a locked vault")
            self.assertIsNone(self.agent.poll())
        self.unlock()
        self.agent.send_signal(signal.SIGTERM)
        self.assertEqual(self.agent.wait(timeout=PATIENCE), 0)
        self.assertEqual(os.listdir(f"{self.home.path}/runtime/coffer"),
                         [os.path.basename(name) for name in
                          os.listdir(f"{self.home.path}/runtime/coffer") if name.endswith("lock")])
        self.assertIsNone(self.status()["agent"])

    def test_one_that_was_killed_leaves_nothing_in_the_way(self):
        self.start_agent()
        self.unlock()
        self.succeed(self.home.run("get", "a"))
        self.kill()
        self.assertEqual(self.home.run("status").code, 3)
        self.start_agent()
        self.unlock()
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertVerifies()

    def test_a_wrong_key_is_told_and_counted(self):
        self.start_agent()
        other = self.home.path + "/other"
        self.succeed(self.home.run(
            "init", "--vault", self.home.folder("other-vault") + "/v.db", "--new-key-file", other))
        for _ in range(3):
            self.refuse(self.home.run("unlock", "--key-file", other), 3)
        self.assertFalse(self.status()["unlocked"])
        self.assertIn("failed-unlock", self.operations())

    def test_a_path_to_the_socket_may_be_long(self):
        self.home.environment["XDG_RUNTIME_DIR"] = self.home.folder(
            "/".join(["runtime", "x" * 100, "y" * 100]))
        self.succeed(self.home.run("agent"))
        self.addCleanup(os.kill, self.status()["agent"], signal.SIGKILL)
        self.unlock()
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")

    def test_vaults_have_agents_of_their_own(self):
        self.start_agent()
        self.unlock()
        other = self.home.copy_vault("elsewhere")
        self.refuse(self.home.run("get", "a", "--vault", other), 3)
        self.assertEqual(self.home.run("status", "--vault", other).code, 3)
        self.succeed(self.home.run("get", "a", "--vault", os.path.relpath(
            self.home.vault, self.home.path)))


class AuditTest(AgentTest):
    """The log, the inbox and verification through the agent: no key, no terminal."""

    def setUp(self):
        super().setUp()
        self.start_agent()
        self.unlock()

    def log(self, *words, keyed=False):
        run = self.coffer if keyed else self.home.run
        return [json.loads(line) for line in
                self.succeed(run("audit", "log", "--json", *words)).out.splitlines()]

    def test_the_log_is_the_same(self):
        self.succeed(self.home.run("get", "a"))
        self.refuse(self.home.run("get", "none"), 4)
        through = self.log("--reverse")
        inside = self.log("--reverse", keyed=True)
        self.assertEqual(inside[:len(through)], through)
        self.assertEqual([event["operation"] for event in through[-3:]],
                         ["read", "read", "audit"])
        named = self.log("--name", "a")
        self.assertEqual({event["name"] for event in named}, {"a"})
        self.assertEqual([event["number"] for event in self.log("--limit", "2")],
                         sorted((event["number"] for event in self.log("--limit", "3")),
                                reverse=True)[1:])

    def test_more_than_a_page_comes_whole(self):
        for _ in range(300):
            self.succeed(self.home.run("list"))
        through = self.log("--reverse")
        self.assertEqual([event["number"] for event in through], list(range(len(through))))

    def test_keys_and_dates_need_no_key(self):
        self.succeed(self.home.run("edit", "a", "--expires", "2001-01-01"))
        self.assertEqual(self.home.run("due").code, 11)
        inside = json.loads(self.succeed(self.coffer("audit", "keys", "--json")).out)
        through = json.loads(self.succeed(self.home.run("audit", "keys", "--json")).out)
        self.assertEqual([key["name"] for key in through], [key["name"] for key in inside])

    def test_all_rows_are_verified(self):
        self.assertIn(b"the vault is whole", self.succeed(self.home.run("audit", "verify")).out)

    def test_events_are_forwarded_with_names(self):
        self.succeed(self.home.run("get", "a"))
        file = self.home.path + "/events"
        self.succeed(self.home.run("audit", "forward", "--all", "--once", "--file", file))
        with open(file) as events:
            self.assertIn("a", [json.loads(line).get("name") for line in events])

    def test_watching_keeps_it_not_open(self):
        self.succeed(self.home.run("lock"))
        self.succeed(self.coffer("unlock", "--idle", "3s"))
        watch = self.home.start("audit", "log", "--follow")
        wait_until(lambda: not self.status()["unlocked"], "a locked vault")
        self.assertEqual(watch.wait(timeout=PATIENCE), 3)

    def test_what_was_deposited_is_looked_at_accepted_and_discarded(self):
        for value in (b"first", b"second"):
            self.succeed(self.home.run("deposit", "laid", "--stdin", stdin=value))
        waiting = json.loads(self.succeed(self.home.run("inbox", "list", "--json")).out)
        identifier = waiting["deposits"][0]["id"]
        self.assertIn(b'a secret for "laid"',
                      self.succeed(self.home.run("inbox", "show", identifier[:8])).out)
        # The next change takes it in.
        self.succeed(self.home.run("edit", "a", "--label", "x"))
        pending = json.loads(self.succeed(self.home.run("inbox", "list", "--json")).out)
        self.assertEqual([item["name"] for item in pending["pending"]], ["laid", "laid"])
        self.succeed(self.home.run("inbox", "show", "laid@1"))
        self.succeed(self.home.run("inbox", "accept", "laid@1"))
        self.succeed(self.home.run("inbox", "discard", "laid@2", "--yes"))
        self.assertEqual(self.succeed(self.home.run("get", "laid")).out, b"first")
        self.succeed(self.home.run("inbox", "retry"))
        self.refuse(self.home.run("inbox", "discard", "0" * 32, "--yes"), 4)
        self.assertVerifies()


class ClientsTest(AgentTest):
    """Programs that ask for a secret in their own ways: no key, no terminal."""

    def setUp(self):
        super().setUp()
        self.start_agent()
        self.unlock()

    def test_git_stores_and_gets(self):
        asked = b"protocol=https\nhost=git.example\nusername=ci\n"
        self.succeed(self.home.run("helper", "git", "store",
                                   stdin=asked + b"password=word\n\n"))
        found = self.succeed(self.home.run("helper", "git", "get", stdin=asked + b"\n")).out
        self.assertIn(b"password=word\n", found)
        self.succeed(self.home.run("helper", "git", "erase", stdin=asked + b"password=word\n\n"))
        found = self.succeed(self.home.run("helper", "git", "get", stdin=asked + b"\n")).out
        self.assertEqual(found, b"")
        self.assertVerifies()

    def test_docker_stores_lists_gets_and_erases(self):
        login = {"ServerURL": "registry.example", "Username": "ci", "Secret": "word"}
        self.succeed(self.home.run("helper", "docker", "store",
                                   stdin=json.dumps(login).encode()))
        users = json.loads(self.succeed(self.home.run("helper", "docker", "list")).out)
        self.assertEqual(users, {"registry.example": "ci"})
        found = self.succeed(self.home.run("helper", "docker", "get", stdin=b"registry.example"))
        self.assertEqual(json.loads(found.out), login)
        self.succeed(self.home.run("helper", "docker", "erase", stdin=b"registry.example"))
        self.assertEqual(
            self.home.run("helper", "docker", "get", stdin=b"registry.example").code, 1)

    def test_kubernetes_and_askpass_are_answered(self):
        asked = {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
                 "spec": {"interactive": False}}
        self.home.environment["KUBERNETES_EXEC_INFO"] = json.dumps(asked)
        found = json.loads(self.succeed(self.home.run("helper", "kubernetes", "a")).out)
        self.assertEqual(found["status"], {"token": "one"})
        self.home.environment["COFFER_ASKPASS"] = "a"
        self.assertEqual(
            self.succeed(self.home.run("helper", "askpass", "Password:")).out, b"one\n")

    def test_a_locked_one_is_said_so(self):
        self.succeed(self.home.run("lock"))
        asked = b"protocol=https\nhost=git.example\n\n"
        self.refuse(self.home.run("helper", "git", "get", stdin=asked), 3)


class SameTest(AgentTest):
    """Each command once with a key and once with the agent: the same code, output and words."""

    COMMANDS = (
        ("get a", b""), ("get a#secret", b""), ("get a --json", b""), ("get none", b""),
        ("get a#none", b""), ("get a@previous", b""), ("get a@7", b""), ("list", b""),
        ("list --json", b""), ("list zz", b""), ("list --removed", b""), ("show a", b""),
        ("show a --json", b""), ("show none", b""), ("edit a --label word --tag t", b""),
        ("edit none --label word", b""), ("edit a --set secret=x", b""), ("disable b", b""),
        ("get b", b""), ("get b --allow-disabled", b""), ("enable b", b""),
        ("rename a c", b""), ("rename c b", b""), ("rename none x", b""), ("rm c", b""),
        ("get c", b""), ("undelete c", b""), ("undelete c", b""), ("rm c", b""),
        ("purge c --yes", b""), ("purge none --yes", b""),
        ("run --env T=b -- /usr/bin/printenv T", b""), ("run --env T=none -- /bin/true", b""),
        ("run --secret b -- /bin/false", b""),
    )

    def test_every_command_says_the_same_with_and_without_an_agent(self):
        # Another copy of a vault is a rollback to who remembers the first.
        twin, memory = self.home.copy_vault("twin"), self.home.folder("memory")
        self.start_agent()
        self.unlock()
        for words, stdin in self.COMMANDS:
            verb, *rest = words.split()
            inside = self.coffer(
                verb, *rest, stdin=stdin, extra={"COFFER_VAULT": twin, "XDG_STATE_HOME": memory})
            outside = self.home.run(verb, *rest, stdin=stdin)
            for outcome in (inside, outside):
                # A description tells when it was changed.
                outcome.err = b"".join(
                    line for line in outcome.err.splitlines(True) if b"not seen here" not in line)
                outcome.out = b"".join(
                    line for line in outcome.out.splitlines(True) if b"modified" not in line)
            self.assertEqual(
                (outside.code, outside.out, outside.err), (inside.code, inside.out, inside.err),
                words)
        self.assertVerifies()

    def test_a_use_is_entered_with_who_asked_and_why(self):
        self.start_agent()
        self.unlock()
        job = ("run", "--reason", "nightly", "--env", "T=a", "--", "/bin/true")
        self.succeed(self.home.run(*job))
        event = [event for event in self.events() if event["operation"] == "read"][-1]
        self.assertEqual(event["name"], "a")
        self.assertEqual(event["reason"], "nightly")
        self.assertTrue(event["job"].endswith("/true"), event)
        self.assertEqual(event["working_directory"], self.home.path)
        self.assertEqual(event["chain"][1]["pid"], os.getpid())
        self.assertEqual(event["user"], os.geteuid())

    def test_a_secret_that_needs_a_reason_needs_it_here_too(self):
        self.start_agent()
        self.unlock()
        self.succeed(self.home.run("edit", "a", "--require-reason", "yes"))
        self.refuse(self.home.run("get", "a"), 8)
        self.assertEqual(self.succeed(self.home.run("get", "a", "--reason", "so")).out, b"one")

    def test_largest_values_come_through_whole(self):
        value = os.urandom(16 * 1024 * 1024)
        self.store("large", value)
        self.start_agent()
        self.unlock()
        self.assertEqual(self.succeed(self.home.run("get", "large")).out, value)


    def test_a_capture_goes_through_it(self):
        self.start_agent()
        self.unlock()
        self.succeed(self.home.run("capture", "n", "--stdin", stdin=b"new"))
        self.assertEqual(self.succeed(self.home.run("get", "n")).out, b"new")
        self.refuse(self.home.run("capture", "n", "--stdin", stdin=b"newer"), 1)
        self.succeed(self.home.run("capture", "n", "--stdin", "--replace", stdin=b"newer"))
        self.assertEqual(self.succeed(self.home.run("get", "n")).out, b"newer")
        self.assertEqual(self.succeed(self.home.run("get", "n@previous")).out, b"new")

    def test_a_value_that_comes_when_it_is_gone_waits_in_the_inbox(self):
        for number, end in (("9", "killed"), ("1", "locked")):
            self.start_agent()
            self.unlock()
            command = f"kill -{number} {self.agent.pid}; sleep 0.3; printf {end}-value"
            outcome = self.home.run("capture", end, "--", "sh", "-c", command)
            self.assertEqual(outcome.code, 1, outcome)
            self.assertIn(b"deposited", outcome.err)
            self.end(self.agent)
            self.succeed(self.coffer("inbox accept", end))
            self.assertHolds(end, f"{end}-value".encode())
        self.assertVerifies()


class OthersTest(AgentTest):
    """Other processes at the same vault."""

    def test_what_others_store_is_there_at_once(self):
        self.start_agent()
        self.unlock()
        self.store("late", b"three")
        self.assertEqual(self.succeed(self.home.run("get", "late")).out, b"three")
        self.store("late", b"four", "--replace")
        self.assertEqual(self.succeed(self.home.run("get", "late")).out, b"four")

    def test_those_that_ask_at_once_are_answered_each_with_an_entry_of_its_own(self):
        self.start_agent()
        self.unlock()
        agent = self.status()["agent"]
        wires = [self.wire() for _ in range(12)]
        names = ["a", "none", "b"] * 4
        before = len(self.events())
        self.halt(agent)
        for wire, name in zip(wires, names):
            wire.send(fetch(name) * 2)
        wires.pop().close()
        os.kill(agent, signal.SIGCONT)
        for wire, name in zip(wires, names):
            for _ in range(2):
                topic, fields = wire.receive()
                if name == "none":
                    self.assertEqual((topic, fields[0]), (agent_wire.FAILED, 40))
                else:
                    self.assertEqual(topic, agent_wire.DONE)
                    self.assertIn({"a": b"one", "b": b"two"}[name], fields)
        read = [event for event in self.events()[before:] if event["operation"] == "read"]
        outcomes = [event["outcome"] for event in read if event["name"] != "b"]
        self.assertEqual(outcomes.count("done"), 8)
        self.assertEqual(outcomes.count("missing"), 8)
        self.assertGreaterEqual(len(read), 22)
        self.assertVerifies()

    def halt(self, process):
        """Stops it, for what is sent from now on to be there at once when it goes on."""
        def is_stopped():
            for _ in range(3):
                with open(f"/proc/{process}/stat") as file:
                    if file.read().rsplit(")", 1)[1].split()[0] not in "Tt":
                        return False
                time.sleep(0.02)
            return True
        os.kill(process, signal.SIGSTOP)
        wait_until(is_stopped, "it to be stopped")

    @needs("strace")
    def test_those_that_asked_at_once_are_tried_alone_if_one_cannot_be_read(self):
        self.store("large", b"x" * 300_000)
        self.start_agent()
        self.unlock()
        agent = self.status()["agent"]
        # The pages of this one are in its hands, so that the fault meets the other one.
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        before = len(self.events())
        wires = [self.wire() for _ in range(4)]
        names = ["a", "large", "a", "large"]
        faults = subprocess.Popen(
            ["strace", "-qq", "-o", f"{self.home.path}/trace", "-e", "trace=pread64", "-e",
             "inject=pread64:error=EIO:when=1", "-p", str(agent)], stderr=subprocess.PIPE)
        wait_until(lambda: f"TracerPid:\t{faults.pid}" in open(f"/proc/{agent}/status").read(),
                   "strace to be there")
        self.halt(agent)
        for wire, name in zip(wires, names):
            wire.send(fetch(name))
        os.kill(agent, signal.SIGCONT)
        answers = [wire.receive() for wire in wires]
        faults.terminate()
        faults.communicate()
        with open(f"{self.home.path}/trace", "rb") as file:
            trace = file.read()
        self.assertIn(b"INJECTED", trace)
        for (topic, fields), name in zip(answers, names):
            self.assertEqual(topic, agent_wire.DONE, fields[:80])
            self.assertIn(b"one" if name == "a" else b"x" * 300_000, fields)
        # What failed together left nothing behind.
        read = [event for event in self.events()[before:] if event["operation"] == "read"]
        self.assertEqual(sorted(event["name"] for event in read), sorted(names))
        self.assertVerifies()

    def test_new_keys_lock_it(self):
        self.start_agent()
        self.unlock()
        self.succeed(self.coffer("rekey", "--yes"))
        self.assertNotEqual(self.home.run("get", "a").code, 0)
        self.assertFalse(self.status()["unlocked"])
        self.unlock()
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")

    def test_another_file_in_its_place_locks_it(self):
        copy = self.home.copy_vault("copy")
        self.start_agent()
        self.unlock()
        kept = self.wire()
        os.replace(copy, self.home.vault)
        self.refuse(self.home.run("get", "a"), 3)
        self.assertEqual(kept.ask(agent_wire.frame(agent_wire.STATUS))[4], 0)
        self.assertFalse(self.status()["unlocked"])

    def test_many_that_read_and_write_while_it_is_locked_and_unlocked(self):
        self.start_agent()
        self.unlock()
        end = time.monotonic() + 3
        wrong = []

        def read():
            while time.monotonic() < end:
                outcome = self.home.run("get", "a")
                if (outcome.code, outcome.out) not in ((0, b"one"), (3, b"")):
                    wrong.append(outcome)

        def write(name):
            count = 0
            while time.monotonic() < end:
                self.store(name, str(count).encode(), *(["--replace"] if count else []))
                count += 1

        threads = [threading.Thread(target=read) for _ in range(3)]
        threads += [threading.Thread(target=write, args=(f"w{place}",)) for place in range(2)]
        for thread in threads:
            thread.start()
        while time.monotonic() < end:
            self.succeed(self.home.run("lock"))
            self.unlock()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertVerifies()

    def test_killed_while_many_read_it_leaves_a_whole_vault(self):
        for _ in range(5):
            self.start_agent()
            self.unlock()
            readers = [self.home.start("get", "a", stdin=subprocess.DEVNULL) for _ in range(8)]
            self.kill()
            for reader in readers:
                out, err = reader.communicate(timeout=PATIENCE)
                self.assertIn((reader.returncode, out), ((0, b"one"), (9, b""), (3, b"")), err)
        self.assertVerifies()


class MemoryTest(AgentTest):
    PASSPHRASE = b"correct horse battery staple, agent"
    VALUE = b"VALUE-OF-THE-SECRET-7f3a9c41d2"

    def needles(self):
        root = root_key.root_key(self.home.vault, key_file=self.home.key)
        keys = [root, *root_key.subkeys(root, self.home.vault).values(), self.PASSPHRASE, self.VALUE]
        forms = []
        for key in keys:
            forms += [key, key.hex().encode(), key.decode("latin-1").encode("utf-16-le")]
        return forms

    @staticmethod
    def hits(process, needles):
        """Which of them are in the memory of a process."""
        found = set()
        with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
            for line in maps:
                area, rights = line.split()[:2]
                start, end = (int(part, 16) for part in area.split("-"))
                if "r" not in rights or "[v" in line:
                    continue
                try:
                    memory.seek(start)
                    content = memory.read(end - start)
                except OSError:
                    continue
                found |= {needle for needle in needles if needle in content}
        return found

    @needs("true")
    def test_a_locked_one_holds_no_key_and_no_value(self):
        if os.geteuid() != 0:
            self.skipTest("reads the memory of a process that hides it: needs root")
        passphrase = self.home.file("passphrase", self.PASSPHRASE)
        self.succeed(self.coffer(
            "slot add", "--new-passphrase-file", passphrase, "--kdf-memory", "64MiB"))
        self.store("v", self.VALUE)
        shutil.copy(self.home.vault, self.home.path + "/quiet.db")
        needles = self.needles()
        self.start_agent()
        for _ in range(3):
            self.succeed(self.home.run("unlock", "--passphrase-file", passphrase))
            self.assertEqual(self.succeed(self.home.run("get", "v")).out, self.VALUE)
            self.succeed(self.home.run("show", "v"))
            self.succeed(self.home.run("list"))
            # It can be found: open, the root key is there.
            self.assertIn(needles[0], self.hits(self.agent.pid, needles))
            # A value is in its memory only while it is handed out.
            self.assertEqual(self.hits(self.agent.pid, needles[-3:]), set())
            self.succeed(self.home.run("lock"))
            self.assertEqual(self.hits(self.agent.pid, needles), set())
        bad = self.home.file("bad", b"not " + self.PASSPHRASE)
        self.refuse(self.home.run("unlock", "--passphrase-file", bad), 3)
        self.assertEqual(self.hits(self.agent.pid, needles), set())

    def test_an_idle_one_is_small(self):
        passphrase = self.home.file("passphrase", self.PASSPHRASE)
        self.succeed(self.coffer(
            "slot add", "--new-passphrase-file", passphrase, "--kdf-memory", "256MiB"))
        self.start_agent()
        self.succeed(self.home.run("unlock", "--passphrase-file", passphrase))
        self.succeed(self.home.run("get", "a"))
        with open(f"/proc/{self.agent.pid}/status") as status:
            resident = next(line for line in status if line.startswith("VmRSS"))
        self.assertLess(int(resident.split()[1]), 16 * 1024, resident)
