# What a process lets others see, opens and leaves behind (attack cases B43, F89-F99, C62).

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest

from frozen import Frozen
from support import COFFER, PATIENCE, CofferTest, as_root, needs, wait_until
from tracing import descriptors, is_reading_standard_input, opened_paths, proc, traced

VALUE = b"s3cret-value-0815-do-not-show"
PASSPHRASE = b"correct horse battery staple"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


class Held(CofferTest):
    """Base: runs that stay where they are because nobody takes or gives what they wait for."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=VALUE)

    def hold(self, *words, ready=None, **options):
        """A run that waits for standard input with the vault open."""
        words = words or ("capture", "b", "--stdin", "--key-file", self.home.key)
        process = self.home.start(*words, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        wait_until(ready or (lambda: is_reading_standard_input(process.pid)), "it waits")
        return process


@as_root
@needs("setpriv")
class OtherUserTest(CofferTest):
    """F91 and T3. Root may do anything, so everything here is done after giving root up."""

    def setUp(self):
        super().setUp()
        # A place that others can reach, so that the vault's own modes are what keeps them out.
        self.public = tempfile.mkdtemp(prefix="coffer-public-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.public)
        os.chmod(self.public, 0o755)
        self.binary = shutil.copy(COFFER, self.public + "/coffer")
        os.chmod(self.binary, 0o755)
        self.home.vault = self.home.environment["COFFER_VAULT"] = self.public + "/vault/v.db"
        self.make_vault(a=VALUE)

    def as_nobody(self, *words, **options):
        return subprocess.run(
            [*NOBODY, *words], capture_output=True, cwd=self.public, timeout=PATIENCE,
            env={"PATH": "/usr/bin:/bin", "COFFER_VAULT": self.home.vault}, **options)

    def test_another_user_reads_no_byte_of_the_vault(self):
        for path in (self.home.vault, os.path.dirname(self.home.vault)):
            self.assertNotEqual(self.as_nobody("ls", path).returncode, 0)
            self.assertNotEqual(self.as_nobody("cat", path).returncode, 0)
        os.chmod(os.path.dirname(self.home.vault), 0o755)
        self.assertEqual(self.as_nobody("ls", self.home.vault).returncode, 0, "the control")
        self.assertNotEqual(self.as_nobody("cat", self.home.vault).returncode, 0)

    def test_the_program_refuses_to_open_a_vault_of_another_user(self):
        """F85: even if modes would let it."""
        os.chmod(os.path.dirname(self.home.vault), 0o755)
        os.chmod(self.home.vault, 0o644)
        key = self.public + "/key"
        shutil.copy(self.home.key, key)
        os.chown(key, 65534, 65534)
        outcome = self.as_nobody(self.binary, "get", "a", "--key-file", key)
        self.assertEqual((outcome.returncode, outcome.stdout), (8, b""), outcome)

    def test_the_same_user_cannot_look_into_a_process(self):
        """F91: not even the same user, once it is not dumpable."""
        home = self.public + "/nobody"
        os.mkdir(home)
        os.chown(home, 65534, 65534)
        environment = {"PATH": "/usr/bin:/bin", "HOME": home}
        run = [*NOBODY, self.binary]
        subprocess.run([*run, "init", "--new-key-file", home + "/k"], env=environment, check=True,
                       capture_output=True)
        for words, allowed in (([*NOBODY, "cat"], True), (
            [*run, "capture", "a", "--stdin", "--key-file", home + "/k"], False
        )):
            process = subprocess.Popen(
                words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            wait_until(lambda: is_reading_standard_input(process.pid), "it waits")
            for name in ("mem", "environ", "maps", "fd", "stack", "auxv", "io"):
                with self.subTest(allowed=allowed, name=name):
                    self.look(process.pid, name, allowed)
            process.communicate(b"x")

    def look(self, pid, name, allowed):
        path = f"/proc/{pid}/{name}"
        command = ["ls", path] if name == "fd" else ["dd", f"if={path}", "count=0", "status=none"]
        code = self.as_nobody(*command).returncode
        if not allowed:
            self.assertNotEqual(code, 0, path)
        elif name != "stack":  # which no user may read
            self.assertEqual(code, 0, f"the control: {path}")


class CrashTest(Held):
    def crash(self, number, words=None, **options):
        def allow_cores():
            _, hard = resource.getrlimit(resource.RLIMIT_CORE)
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

        process = subprocess.Popen(
            words or [COFFER, "capture", "b", "--stdin", "--key-file", self.home.key],
            env=self.home.environment | options, cwd=self.home.path, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=allow_cores)
        wait_until(lambda: is_reading_standard_input(process.pid), "it waits")
        process.send_signal(number)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out, err = process.stdout.read(), process.stderr.read()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        cores = [name for name in os.listdir(self.home.path) if name.startswith("core")]
        for name in cores:
            os.unlink(f"{self.home.path}/{name}")
        return status, cores, out, err

    @as_root
    def test_a_crash_leaves_no_core_and_says_nothing(self):
        """F89, F90."""
        tracer = self.home.file(
            "backtrace", b"#!/bin/sh\necho memory > ran; echo memory >&2\n", 0o700)
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT, signal.SIGBUS,
                       signal.SIGILL, signal.SIGFPE, signal.SIGTRAP):
            backtrace = f"enable=yes,interactive=no,output-to=stderr,swift-backtrace={tracer}"
            for extra in ({}, {"SWIFT_BACKTRACE": backtrace}):
                with self.subTest(signal=number.name, **extra):
                    status, cores, out, err = self.crash(number, **extra)
                    self.assertEqual(os.WTERMSIG(status), number)
                    self.assertFalse(os.WCOREDUMP(status))
                    self.assertEqual((cores, out, err), ([], b"", b""))
                    self.assertFalse(os.path.exists(self.home.path + "/ran"))

    @as_root
    def test_another_program_does_leave_a_core(self):
        """The control, where the kernel writes cores into the current directory."""
        if pathlib.Path("/proc/sys/kernel/core_pattern").read_text().startswith(("|", "/")):
            self.skipTest("cores go elsewhere on this machine")
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            self.skipTest("cores are forbidden here")
        status, cores, _, _ = self.crash(signal.SIGSEGV, words=["/bin/cat"])
        self.assertTrue(os.WCOREDUMP(status))
        self.assertTrue(cores)


class ArgumentTest(CofferTest):
    @as_root
    def test_no_argument_and_no_variable_of_any_verb_holds_a_secret(self):
        """F92: looked at when each verb ends."""
        self.make_passphrase_vault(PASSPHRASE, a=VALUE)
        new = self.home.file("new", b"another horse battery staple")
        old = ["--passphrase-file", self.passphrase_file]
        for words, stdin in (
            (["get", "a", *old], b""), (["capture", "b", "--stdin", *old], VALUE),
            (["show", "a", *old], b""), (["list", *old], b""), (["rename", "a", "c", *old], b""),
            (["slot", "add", *old, "--new-key-file", self.home.path + "/k"], b""),
            (["passphrase", *old, "--new-passphrase-file", new, "--kdf-memory", "64MiB"], b""),
        ):
            with self.subTest(words=words), Frozen(self.home, words, stdin) as process:
                process.stop_at("exit_group")
                seen = proc(process.pid, "cmdline") + proc(process.pid, "environ")
                for secret in (VALUE, PASSPHRASE, b"another horse"):
                    self.assertNotIn(secret, seen)
                self.assertEqual(process.finish()[0], 0)

    @as_root
    def test_a_job_has_its_secret_in_no_argument(self):
        """F92."""
        self.make_vault(a=VALUE)
        words = ["run", "--key-file", self.home.key, "--env", "TOKEN=a", "--", "/bin/cat"]
        job = self.home.start(*words)
        wait_until(lambda: b"/bin/cat" in proc(job.pid, "cmdline").split(b"\0")[:1], "it runs")
        self.assertNotIn(VALUE, proc(job.pid, "cmdline"))
        self.assertIn(b"TOKEN=" + VALUE, proc(job.pid, "environ").split(b"\0"), "the control")
        job.communicate(b"")


class DescriptorTest(Held):
    @as_root
    def test_the_vault_is_never_a_standard_descriptor(self):
        """F93."""
        for closed in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)):
            with self.subTest(closed=closed):
                held = self.hold_with_closed(closed)
                opened = descriptors(held.pid)
                for number in range(3):
                    self.assertNotIn(self.home.path, opened[number])
                for number in closed:
                    self.assertEqual(opened[number], "/dev/null")
                held.kill()
                held.wait()
                self.assertHolds("a", VALUE)

    def hold_with_closed(self, closed):
        """A run that waits for its key with the vault open and standard descriptors closed."""
        reader, writer = os.pipe()
        os.set_inheritable(reader, True)
        held = self.home.start(
            "get", "a", "--passphrase-fd", str(reader), pass_fds=[reader],
            preexec_fn=lambda: [os.close(number) for number in closed])
        self.addCleanup(os.close, writer)
        self.addCleanup(held.communicate)
        os.close(reader)
        waiting = b"0 0x%x " % reader
        wait_until(lambda: proc(held.pid, "syscall").startswith(waiting), "it waits for its key")
        self.assertTrue(any(
            path.startswith(self.home.vault) for path in descriptors(held.pid).values()))
        return held


@needs("strace")
class OpenTest(CofferTest):
    """Which files are opened, in whole sessions."""

    # Devices, and the question of the C library how large the stack is.
    # The last tells how many cores there are.
    HARMLESS = (
        "/dev/null", "/dev/tty", "/dev/urandom", "/proc/self/maps",
        "/sys/devices/system/cpu/online")

    def session(self, **extra):
        """A whole life of a vault, traced: name of the step → trace."""
        self.home.file("passphrase", PASSPHRASE)
        key = ("--key-file", self.home.key)
        steps = {
            "init": (["init", "--new-key-file", self.home.key], b""),
            "capture": (["capture", "zpa/a", "--issuer", "zpa", "--stdin", *key], VALUE),
            "get": (["get", "zpa/a", *key], b""),
            "list": (["list", *key], b""),
            "slot": (["slot", "add", *key, "--kdf-memory", "64MiB",
                      "--new-passphrase-file", self.home.path + "/passphrase"], b""),
            "open": (["get", "zpa/a", "--passphrase-file", self.home.path + "/passphrase"], b""),
            "run": (["run", *key, "--secret", "zpa/a", "--", "/bin/true"], b""),
            "file": (["run", *key, "--file", "F=zpa/a", "--", "/bin/true"], b""),
            "purge": (["rm", "zpa/a", "--purge", "--yes", *key], b""),
        }
        for name, (words, stdin) in steps.items():
            outcome, trace = traced(
                self.home, words, stdin, trace="file,write,pwrite64,execve",
                options=["-y", "-xx", "-s", "65536"] if extra == {} else [], extra=extra)
            self.succeed(outcome)
            yield name, trace

    def test_nothing_is_opened_but_what_the_work_needs(self):
        """F96. Only the vault's own files and what the command line names."""
        folder = os.path.dirname(self.home.vault)
        for name, trace in self.session(COFFER_TEST="plain"):
            for path, flags, _ in opened_paths(trace):
                # After execve it is not us any more.
                if trace.place(f'"{path}"') > (trace.place('execve("/bin/true"') or 1 << 30):
                    break
                with self.subTest(step=name, path=path):
                    own = path.startswith((folder, self.home.path)) or path in ("key", ".")
                    # Who asks, as the log names it; never what anyone was started with.
                    own = own or re.fullmatch(r"/proc/(self|\d+)|stat|cgroup", path)
                    self.assertTrue(own or path in self.HARMLESS, path)
                    if "O_CREAT" in flags:
                        self.assertTrue(self.may_be_made(path), path)

    def may_be_made(self, path):
        runtime = self.home.environment["XDG_RUNTIME_DIR"]
        memory = self.home.environment["XDG_STATE_HOME"] + "/coffer/"
        return path == self.home.key or path.startswith(
            (self.home.vault, runtime + "/coffer/run-", memory))

    def test_no_write_but_the_output_holds_the_plain_value(self):
        """F96: nor any encoding of it, to no file, not for a moment."""
        plain, digits = self.as_traced(VALUE), self.as_traced(VALUE.hex().encode())
        runtime = self.as_traced(self.home.environment["XDG_RUNTIME_DIR"].encode() + b"/coffer/")
        found = []
        for name, trace in self.session():
            for _, rest in trace.calls("write", "pwrite64"):
                self.assertNotIn(digits, rest)
                target, _, written = rest.partition(">, ")
                if plain in written:
                    found.append((name, "job's file" if f"<{runtime}" in target else target))
        self.assertEqual([name for name, _ in found], ["get", "open", "file"])
        self.assertEqual(found[2][1], "job's file")
        for _, target in found[:2]:
            self.assertTrue(target.startswith("1<"), target)

    def as_traced(self, content):
        """Bytes as strace -xx shows them."""
        return "".join(f"\\x{byte:02x}" for byte in content)

    def test_no_file_is_left_anywhere_but_the_vault_and_the_keys(self):
        """F96."""
        for _ in self.session():
            pass
        left = {
            os.path.relpath(f"{folder}/{name}", self.home.path)
            for folder, _, names in os.walk(self.home.path) for name in names}
        seen = [path for path in left if re.fullmatch("state/coffer/[0-9a-f]{32}", path)]
        self.assertEqual(len(seen), 1, "one anchor")
        self.assertEqual(left - set(seen), {"vault/v.db", "key", "passphrase"})

    def test_a_hostile_environment_opens_and_loads_nothing(self):
        """B43, F94, F95."""
        evil = self.home.folder("evil")
        self.home.file("evil/openssl.cnf", b"openssl_conf = x\n[x]\nproviders = y\n[y]\n")
        self.home.file("evil/evil.so", b"\x7fELF")
        names = ("OPENSSL_MODULES", "OPENSSL_ENGINES", "SQLITE_TMPDIR", "TMPDIR", "SWIFT_ROOT",
                 "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "XDG_DATA_DIRS", "LOCPATH", "SSL_CERT_DIR")
        extra = {name: evil for name in names}
        extra |= {"OPENSSL_CONF": evil + "/openssl.cnf", "MALLOC_TRACE": evil + "/trace",
                  "SWIFT_BACKTRACE": f"enable=yes,swift-backtrace={evil}/evil.so"}
        for name, trace in self.session(**extra):
            ours = trace.lines[: trace.place('execve("/bin/true"') or len(trace.lines)]
            touched = [line for line in ours[1:] if evil in line and "execve(" not in line]
            self.assertEqual(touched, [], name)
        self.assertEqual(sorted(os.listdir(evil)), ["evil.so", "openssl.cnf"])

    def test_umask_000_makes_nothing_that_others_can_read(self):
        """F88."""
        self.home.environment["COFFER_VAULT"] = self.home.vault = self.home.path + "/new/deep/v.db"
        self.succeed(self.home.run(
            "init", "--new-key-file", self.home.key, "--recovery-file", self.home.path + "/code",
            umask=0))
        self.succeed(self.coffer("capture", "a", "--stdin", stdin=VALUE, umask=0))
        for path in (self.home.vault, self.home.key, self.home.path + "/code"):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)
        for path in ("/new", "/new/deep"):
            self.assertEqual(os.stat(self.home.path + path).st_mode & 0o777, 0o700, path)


if __name__ == "__main__":
    unittest.main()
