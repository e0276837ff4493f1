# Whoever speaks to the agent and should not, or not so.

import os
import random
import shutil
import socket
import subprocess
import threading
import time
import unittest

import agent_wire
from agent_case import AgentTest
from agent_wire import (DESCRIBE, DONE, FAILED, FETCH, HELLO, LIST, LOCK, MALFORMED, OTHER_VAULT,
                        OTHER_VERSION, REFUSED, STATUS, Refused, Wire, fetch, frame, hello, lp,
                        number)
from support import COFFER, PATIENCE, as_root, needs, wait_until

NOBODY = 65534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
# Connects, says nothing, and tells what came: nothing at all if the other end closed.
CONNECT = (
    "import socket, sys\n"
    "s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1])\n"
    "print(s.recv(10) or 'closed')")


@as_root
class OtherUserTest(AgentTest):
    def open_doors(self, *paths):
        """Lets everybody through, for the sake of the test."""
        for path in paths:
            os.chmod(path, 0o777)

    def connect_as(self, prefix):
        return subprocess.run(
            [*prefix, "python3", "-c", CONNECT, self.socket], capture_output=True, timeout=PATIENCE)

    def test_another_user_is_not_listened_to_and_that_is_logged(self):
        self.start_agent()
        self.unlock()
        self.open_doors(
            self.home.path, self.home.path + "/runtime", self.home.path + "/runtime/coffer",
            self.socket)
        for _ in range(5):
            outcome = self.connect_as(AS_NOBODY)
            self.assertEqual(outcome.stdout, b"closed\n", outcome.stderr)
        os.chmod(self.home.path + "/runtime/coffer", 0o700)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        refused = [event for event in self.events() if event["operation"] == "refused-peer"]
        # One at once; those of the minute behind it are told together, later.
        self.assertEqual([event["count"] for event in refused], [1])
        self.assertEqual(refused[0]["outcome"], "refused")
        self.assertVerifies()

    def test_root_is_another_user(self):
        for folder, _, files in os.walk(self.home.path):
            for name in [folder, *(f"{folder}/{file}" for file in files)]:
                os.chown(name, NOBODY, NOBODY)
        self.start_agent(under=AS_NOBODY)
        self.succeed(self.coffer("unlock", under=AS_NOBODY))
        self.assertEqual(
            self.succeed(self.home.run("get", "a", under=AS_NOBODY)).out, b"one")
        self.assertEqual(self.connect_as([]).stdout, b"closed\n")

    def test_an_agent_of_another_user_is_told_nothing(self):
        folder = self.home.folder("runtime/coffer")
        self.start_agent()
        name = os.path.basename(self.socket)
        self.end(self.agent)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{folder}/{name}")
        listening, ready = os.pipe()
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            # Who listens is who the kernel tells of, whoever made the socket.
            os.setuid(NOBODY)
            listener.listen()
            os.write(ready, b"x")
            while True:
                connection, _ = listener.accept()
                os.write(told, b"[" + connection.recv(100) + b"]")
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, 9)
        os.read(listening, 1)
        outcome = self.refuse(self.coffer("unlock"), 8)
        self.assertIn(b"another user's", outcome.err)
        self.assertEqual(os.read(heard, 100), b"[]")
        # Without the agent everything works as if there were none.
        self.refuse(self.home.run("get", "a"), 3)
        self.assertHolds("a", b"one")

    @needs("gdb")
    def test_nobody_looks_into_it(self):
        for folder, _, files in os.walk(self.home.path):
            for name in [folder, *(f"{folder}/{file}" for file in files)]:
                os.chown(name, NOBODY, NOBODY)
        self.start_agent(under=AS_NOBODY)
        self.succeed(self.coffer("unlock", under=AS_NOBODY))
        process = wait_until(lambda: self.status_of(AS_NOBODY), "an agent")
        for name in ("mem", "environ", "maps", "fd", "exe", "stack"):
            looked = subprocess.run(
                [*AS_NOBODY, "sh", "-c", f"ls -l /proc/{process}/{name}/ || cat /proc/{process}/{name}"],
                capture_output=True)
            self.assertNotEqual(looked.returncode, 0, name)
        traced = subprocess.run(
            [*AS_NOBODY, "gdb", "--batch", "-p", str(process)], capture_output=True)
        self.assertIn(b"not permitted", traced.stdout + traced.stderr)

    def status_of(self, prefix):
        import json
        outcome = self.home.run("status", "--json", under=prefix)
        return json.loads(outcome.out)["agent"]


class FolderTest(AgentTest):
    def test_a_folder_that_is_a_link_is_not_spoken_through(self):
        real = self.home.folder("real")
        os.symlink(real, f"{self.home.path}/runtime/coffer")
        for verb in ("unlock", "agent"):
            self.refuse(self.coffer(verb), 8)
        self.assertEqual(os.listdir(real), [])
        self.refuse(self.home.run("status"), 8)
        self.assertHolds("a", b"one")

    @as_root
    def test_a_folder_of_another_user_is_not_spoken_through(self):
        os.chown(self.home.folder("runtime/coffer"), NOBODY, NOBODY)
        self.refuse(self.coffer("unlock"), 8)
        self.refuse(self.home.run("status"), 8)

    def test_a_socket_that_was_removed_is_not_made_again_beside_a_living_agent(self):
        self.start_agent()
        os.unlink(self.socket)
        self.refuse(self.coffer("unlock"), 10)
        self.refuse(self.home.run("agent"), 10)


class FrameTest(AgentTest):
    def setUp(self):
        super().setUp()
        self.start_agent()

    def assertRefused(self, data, *kinds, greet=True, is_over=True):
        with self.wire(greet=greet) as wire:
            with self.assertRaises(Refused) as caught:
                wire.ask(data)
            self.assertEqual((caught.exception.kind, *caught.exception.numbers), kinds)
            self.assertEqual(wire.is_over(), is_over)

    def test_a_locked_agent_answers_nothing_but_that(self):
        name = lp("a")
        draft = name + lp("generic") + b"\0" + lp("") + bytes(8) + b"\0\0" + b"\0\0\0"
        questions = [
            fetch("a"), frame(agent_wire.UNLOGGED, name + lp("current") + b"\0"),
            frame(DESCRIBE, name), frame(LIST, lp("") + b"\0"),
            frame(agent_wire.PREFLIGHT, name + b"\0"),
            frame(agent_wire.STORE, draft + b"\0" + number(1, 4) + lp("secret") + lp("x")),
            frame(agent_wire.EDIT, name + number(0, 4)), frame(agent_wire.RENAME, name + lp("z")),
            frame(agent_wire.REMOVE, name), frame(agent_wire.RESTORE, name),
            frame(agent_wire.PURGE, name),
        ]
        with self.wire() as wire:
            for question in questions:
                with self.assertRaises(Refused, msg=question) as caught:
                    wire.ask(question)
                self.assertEqual(caught.exception.kind, agent_wire.LOCKED, question)
            self.assertEqual(wire.ask(frame(STATUS))[4], 0)

    def test_a_greeting_is_answered_once_whatever_comes_behind_it(self):
        """Alone, with a part of a question, with questions, or with the end of what is sent."""
        self.unlock()
        greeting = hello(self.home.vault)
        for rest, answers, is_last in (
                (b"", 1, False), (b"\0\0", 1, False), (fetch("a"), 2, False), (b"", 1, True),
                (fetch("a") + fetch("b"), 3, False), (frame(STATUS), 2, False)):
            with self.subTest(rest), self.wire(greet=False) as wire:
                wire.send(greeting + rest)
                if is_last:
                    wire.socket.shutdown(socket.SHUT_WR)
                topics = [wire.receive()[0] for _ in range(answers)]
                self.assertEqual(topics, [DONE] * answers)
                wire.socket.settimeout(0.1)
                if is_last:
                    self.assertTrue(wire.is_over())
                else:
                    self.assertRaises(TimeoutError, wire.socket.recv, 1)

    def test_nothing_is_answered_before_the_greeting(self):
        self.unlock()
        for question in (frame(STATUS), fetch("a"), frame(LOCK, b"\0")):
            self.assertRefused(question, REFUSED, MALFORMED, greet=False)
        self.assertTrue(self.status()["unlocked"])

    def test_another_version_and_another_vault_are_told(self):
        vault = self.home.vault
        self.assertRefused(hello(vault, version=2), REFUSED, OTHER_VERSION, greet=False)
        self.assertRefused(hello("/etc/passwd"), REFUSED, OTHER_VAULT, greet=False)
        self.assertRefused(hello(vault), REFUSED, MALFORMED)

    def test_what_is_no_question_ends_the_connection(self):
        long = number(17 * 1024 * 1024 + 1, 4)
        for data in (b"\0\0\0\0", long, b"\xff\xff\xff\xff" + bytes(100)):
            with self.wire() as wire:
                wire.send(data)
                self.assertTrue(wire.is_over())
        with self.wire(greet=False) as wire:
            wire.send(number(64 * 1024 + 1, 4) + b"\1")
            self.assertTrue(wire.is_over())
        for data in (
            frame(0x7f), frame(0x80), frame(STATUS, b"\0"), frame(FETCH), frame(FETCH, lp("a")),
            fetch("a")[:-1] + b"\2", fetch("../a"), fetch("a", "newest"), frame(FETCH, bytes(9)),
            frame(DESCRIBE, b"\xff\xff\xff\xff" + b"a"), frame(LIST, lp(b"\xff") + b"\0"),
        ):
            data = number(len(data) - 4, 4) + data[4:]
            self.assertRefused(data, REFUSED, MALFORMED)

    def test_an_answer_repeats_nothing_of_what_it_refuses(self):
        with self.wire() as wire:
            wire.send(frame(FETCH, lp("NEEDLE/NEEDLE//") + lp("NEEDLE") + b"\0"))
            topic, fields = wire.receive()
            self.assertEqual(topic, FAILED)
            self.assertNotIn(b"NEEDLE", fields)

    def test_a_frame_that_does_not_end_is_given_five_seconds(self):
        wires = [self.wire(greet=False) for _ in range(3)]
        wires.append(self.wire())
        wires[1].send(b"\0")
        wires[2].send(number(100, 4) + b"\1abc")
        wires[3].send(number(1 << 20, 4))
        start = time.monotonic()
        for wire in wires:
            self.assertTrue(wire.is_over())
            wire.close()
        self.assertTrue(4 < time.monotonic() - start < 9)

    def test_a_thousand_that_hold_on_do_not_keep_others_waiting(self):
        self.unlock()
        stop = threading.Event()

        def hold():
            wires = []
            while not stop.is_set() and len(wires) < 1000:
                try:
                    wire = self.wire(greet=False)
                    wire.send(b"\0\0")
                    wires.append(wire)
                except OSError:
                    time.sleep(0.001)
            stop.wait()
            for wire in wires:
                wire.close()

        holder = threading.Thread(target=hold)
        holder.start()
        try:
            slowest = 0
            for _ in range(30):
                start = time.monotonic()
                self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
                slowest = max(slowest, time.monotonic() - start)
        finally:
            stop.set()
            holder.join()
        self.assertLess(slowest, 1)

    def test_noise_neither_ends_nor_fills_it(self):
        self.unlock()
        generator = random.Random(int(os.environ.get("COFFER_SEED", 7)))
        questions = [
            hello(self.home.vault, "why", "job", "/"), frame(STATUS), fetch("a"),
            frame(DESCRIBE, lp("a")), frame(LIST, lp("") + b"\0"),
            frame(agent_wire.EDIT, lp("a") + number(1, 4) + b"\1" + lp("x")),
            frame(agent_wire.RENAME, lp("a") + lp("a")),
        ]
        for _ in range(1500):
            data = bytearray(b"".join(generator.choices(questions, k=generator.randrange(1, 4))))
            for _ in range(generator.randrange(4)):
                place = generator.randrange(len(data))
                data[place:place + generator.randrange(2)] = generator.randbytes(
                    generator.randrange(3))
            try:
                with self.wire(greet=generator.random() < 0.7, patience=0.2) as wire:
                    wire.send(bytes(data))
                    wire.socket.shutdown(socket.SHUT_WR)
                    while wire.socket.recv(65536):
                        pass
            except (OSError, EOFError, Refused):
                pass
            self.assertIsNone(self.agent.poll())
        with open(f"/proc/{self.agent.pid}/status") as status:
            resident = next(line for line in status if line.startswith("VmRSS"))
        self.assertLess(int(resident.split()[1]), 32 * 1024, resident)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertVerifies()


class LogQuestionTest(AgentTest):
    """Whoever reads the log is in it."""

    def test_the_log_is_read_behind_its_entry_only(self):
        self.start_agent()
        self.unlock()
        everything = frame(0x21, b"\0" + b"\xff" * 8 + b"\0" + number(256, 2))
        for question in (everything, frame(0x22, lp(b"a")), frame(0x24)):
            with Wire(self.socket, hello(self.home.vault)) as wire:
                with self.assertRaises(Refused):
                    wire.ask(question)
                self.assertTrue(wire.is_over())
        with Wire(self.socket, hello(self.home.vault)) as wire:
            wire.ask(frame(0x20))
            wire.ask(everything)
            self.assertEqual(wire.ask(frame(0x22, lp(b"none"))), b"\0")


class ClientTest(AgentTest):
    """A client and what pretends to be an agent."""

    def pretend(self, answers):
        """Listens in the agent's place and sends `answers`, whatever is asked."""
        self.start_agent()
        path = self.socket
        self.end(self.agent)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    # The first question comes with the greeting.
                    if answers:
                        connection.recv(65536)
                    for answer in answers:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

    def test_hostile_answers_end_with_one_clear_line(self):
        status = frame(0x80, number(1, 4) + b"\1" + number(60, 8))
        for name, answers in {
            "nothing": [], "an end": [status], "a length": [status, b"\xff\xff\xff\xff"],
            "zero": [status, bytes(4)], "no topic": [status, frame(0x10)],
            "too much": [status, frame(0x80, bytes(100))],
            "no failure": [status, frame(0x81, b"\xfe\0\0")],
            "a failure": [status, frame(0x81, b"\1\0\0")],
            "noise": [b"GET / HTTP/1.1\r\n\r\n"],
        }.items():
            with self.subTest(name):
                self.pretend(answers)
                outcome = self.home.run("get", "a")
                self.assertIn(outcome.code, (2, 3, 9), outcome)
                self.assertEqual(outcome.out, b"")
                self.assertTrue(outcome.err.startswith(b"coffer: error: "), outcome)
                os.unlink(self.socket)
