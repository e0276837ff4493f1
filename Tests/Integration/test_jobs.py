# What a job of `coffer run` gets, and what is gone when it ends (attack case F99).

import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

from support import AWKWARD, COFFER, PATIENCE, CofferTest, wait_until

# Says everything about itself that it could have got from us.
WITNESS = """
import json, os, resource, signal, sys
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines()
              if ":\\t" in line)
# 32 and 33 belong to the C library.
mask = lambda name: int(status[name], 16) & ~(3 << 31)
limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
umask = os.umask(0)
# Without the one that lists them, which is closed again.
descriptors = [n for n in map(int, os.listdir("/proc/self/fd"))
               if n < 3 or os.path.exists(f"/proc/self/fd/{n}")]
json.dump({
    "environment": dict(os.environ), "umask": umask, "descriptors": sorted(descriptors),
    "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
    "blocked": mask("SigBlk"), "ignored": mask("SigIgn"), "privileges": status["NoNewPrivs"],
    "folder": os.getcwd(), "group": os.getpgrp() == int(sys.argv[1]), "nice": os.nice(0),
}, sys.stdout)
"""
WAIT = "import os, sys; print(os.environ['F'], flush=True); sys.stdin.read()"


class InheritanceTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=b"value of a", b=b"value of b")
        self.witness = [sys.executable, "-I", "-c", WITNESS, str(os.getpgrp())]

    def seen_by_a_job(self, *prefix, **options):
        process = subprocess.run(
            [*prefix, *self.witness], env=self.home.environment, cwd=self.home.path,
            capture_output=True, timeout=PATIENCE, **options)
        self.assertEqual(process.returncode, 0, process.stderr)
        return json.loads(process.stdout)

    def run_words(self, *words):
        return [COFFER, "run", "--key-file", self.home.key, *words, "--"]

    def test_a_job_gets_only_the_variables_that_were_asked_for(self):
        without = self.seen_by_a_job()["environment"]
        job = self.seen_by_a_job(*self.run_words("--env", "TOKEN=a"))["environment"]
        self.assertEqual(job, without | {"TOKEN": "value of a"})

    def test_an_inherited_variable_of_that_name_is_replaced(self):
        """C programs take the first of two, shells the last."""
        self.home.environment["TOKEN"] = "old"
        job = self.home.run(
            *self.run_words("--env", "TOKEN=a")[1:], "cat", "/proc/self/environ")
        entries = [entry for entry in job.out.split(b"\0") if entry.startswith(b"TOKEN=")]
        self.assertEqual(entries, [b"TOKEN=value of a"])

    def test_a_job_gets_nothing_of_ours(self):
        """Descriptors, limits, mask, dispositions, privileges: whichever way it is started."""
        without = self.seen_by_a_job()
        for words, variable in (
            (["--env", "X=a"], "X"), (["--secret", "a"], "A"), (["--stdin", "a"], None),
            (["--file", "X=a"], "X"), (["--fallback", "--env", "X=a"], "X"),
        ):
            with self.subTest(words=words):
                job = self.seen_by_a_job(*self.run_words(*words))
                job["environment"].pop(variable, None)
                self.assertEqual(job, without)
        self.assertEqual(without["descriptors"][:3], [0, 1, 2], "the control")

    def test_a_job_keeps_what_our_parent_set(self):
        """Limits, ignored signals and a blocked one are the caller's, not ours to change: under
        nohup a job is not hung up, in the background of a script it is not interrupted."""
        import resource

        def unusual():
            resource.setrlimit(resource.RLIMIT_CORE, (4096, 8192))
            resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))
            for number in (signal.SIGPIPE, signal.SIGUSR2, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            os.umask(0o027)

        options = {"preexec_fn": unusual, "restore_signals": False}
        without = self.seen_by_a_job(**options)
        self.assertEqual(without["limits"]["RLIMIT_CORE"], [4096, 8192], "the control")
        self.assertTrue(without["blocked"] and without["ignored"], "the control")
        for words in (["--env", "X=a"], ["--file", "X=a"]):
            with self.subTest(words=words):
                job = self.seen_by_a_job(*self.run_words(*words), **options)
                del job["environment"]["X"]
                self.assertEqual(job, without)

    def test_a_descriptor_can_be_read_again_and_sought(self):
        code = ("import os; f = os.fdopen(7, 'rb'); a = f.read(); f.seek(6); b = f.read();"
                "c = open('/dev/fd/7', 'rb').read(); print(a, b, c);"
                "print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:5])")
        job = self.home.run(
            *self.run_words("--fd", "7=a")[1:], sys.executable, "-I", "-c", code)
        self.assertEqual(
            job.out, b"b'value of a' b'of a' b'value of a'\n[0, 1, 2, 3, 7]\n", job)

    def test_exit_codes_and_signals_are_the_jobs_own(self):
        for words in (["--env", "X=a"], ["--file", "X=a"]):
            start = self.run_words(*words)[1:]
            self.assertEqual(self.home.run(*start, "sh", "-c", "exit 23").code, 23)
            self.assertEqual(self.home.run(*start, "sh", "-c", "kill -9 $$").code, -9)
            self.assertEqual(self.home.run(*start, "sh", "-c", "kill -TERM $$").code, -15)
            self.assertEqual(self.home.run(*start, "./nothing").code, 127)
            self.assertEqual(self.home.run(*start, self.home.key).code, 126)


class ParentTest(CofferTest):
    def test_a_parent_that_ignores_its_children_changes_nothing(self):
        """As some daemons do: the kernel would keep from us that and how a child ended."""
        def ignore():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        self.make_vault(a=b"value of a")
        for words in (["--env", "X=a"], ["--file", "X=a"]):
            outcome = self.coffer(
                "run", *words, "--", "sh", "-c", "exit 7", preexec_fn=ignore)
            self.assertEqual(outcome.code, 7, outcome)
        outcome = self.coffer("capture", "b", "--", "sh", "-c", "exit 8", preexec_fn=ignore)
        self.refuse(outcome, 8)


class FileTest(CofferTest):
    """`run --file`: in memory, private, and gone."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=AWKWARD)
        self.place = pathlib.Path(self.home.environment["XDG_RUNTIME_DIR"]) / "coffer"

    def start(self, *command):
        job = self.home.start(
            "run", "--key-file", self.home.key, "--file", "F=a", "--", *command,
            start_new_session=True)
        self.addCleanup(job.communicate)
        return job, job.stdout.readline().decode().strip()

    def assertGone(self, path):
        self.assertFalse(os.path.exists(path))
        self.assertEqual(list(self.place.iterdir()), [])

    def test_it_is_private_in_memory_and_gone_when_the_job_ends(self):
        job, path = self.start(sys.executable, "-c", WAIT)
        self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o7777, 0o700)
        self.assertEqual(pathlib.Path(path).read_bytes(), AWKWARD)
        kind = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, check=True)
        self.assertEqual(kind.stdout.strip(), b"tmpfs")
        job.communicate(b"", timeout=PATIENCE)
        self.assertEqual(job.returncode, 0)
        self.assertGone(path)

    def test_it_is_gone_after_a_signal_to_us(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number.name):
                job, path = self.start("sh", "-c", "echo $F; exec sleep 60")
                job.send_signal(number)
                self.assertEqual(job.wait(PATIENCE), -number)
                self.assertGone(path)

    def test_it_is_gone_after_a_signal_to_the_job(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            with self.subTest(signal=number.name):
                job, path = self.start("sh", "-c", "echo $F; exec sleep 60")
                os.kill(self.child(job), number)
                self.assertEqual(job.wait(PATIENCE), -number)
                self.assertGone(path)

    def test_it_is_gone_after_a_signal_to_both(self):
        """^C on a terminal."""
        job, path = self.start("sh", "-c", "echo $F; exec sleep 60")
        os.killpg(job.pid, signal.SIGINT)
        self.assertEqual(job.wait(PATIENCE), -signal.SIGINT)
        self.assertGone(path)

    def test_a_job_that_takes_its_time_after_a_signal_keeps_its_file(self):
        code = "trap 'cat \"$F\"; exit 5' TERM; echo $F; while :; do read x || sleep 0.01; done"
        job, path = self.start("sh", "-c", code)
        job.send_signal(signal.SIGTERM)
        out, _ = job.communicate(timeout=PATIENCE)
        self.assertEqual((job.returncode, out), (5, AWKWARD))
        self.assertGone(path)

    def test_what_a_kill_of_us_left_behind_is_cleared_away_by_the_next_run(self):
        job, path = self.start("sh", "-c", "echo $F; exec sleep 60")
        child = self.child(job)
        job.kill()
        job.wait(PATIENCE)
        os.kill(child, signal.SIGKILL)
        self.assertTrue(os.path.exists(path), "the control")
        self.succeed(self.coffer("run", "--file", "F=a", "--", "/bin/true"))
        self.assertGone(path)

    def child(self, job):
        def children():
            return pathlib.Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()

        return int(wait_until(children, "the job has started")[0])

    def test_a_job_that_cannot_be_started_leaves_no_file(self):
        broken = self.home.file("broken", b"\x7fELF", 0o700)
        outcome = self.coffer("run", "--file", "F=a", "--", broken)
        self.assertNotEqual(outcome.code, 0)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_a_directory_that_is_not_private_is_refused(self):
        """F87."""
        self.place.mkdir(exist_ok=True)
        self.place.chmod(0o755)
        shared = pathlib.Path(f"/dev/shm/coffer-{os.geteuid()}")
        outcome = self.coffer("run", "--file", "F=a", "--", "sh", "-c", "echo $F")
        if outcome.code == 0:
            self.assertTrue(outcome.out.decode().startswith(f"{shared}/run-"), outcome)
        else:
            self.refuse(outcome, 8)
        self.assertEqual(list(self.place.iterdir()), [])


class GoogleTest(CofferTest):
    """A key file of several lines reaches a program that opens it as its own libraries do."""

    def setUp(self):
        super().setUp()
        key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEv\n" * 20 + "-----END PRIVATE KEY-----\n"
        self.key = json.dumps({
            "type": "service_account", "project_id": "p-1", "private_key_id": "abc",
            "private_key": key, "client_email": "ci@p-1.iam.gserviceaccount.com",
            "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
        }, indent=2).encode()

    def test_a_google_key_file_is_opened_twice_and_sought(self):
        self.make_vault()
        path = self.home.file("downloaded.json", self.key)
        self.succeed(self.coffer("capture", "gcp/ci", "--json", path))
        self.assertHolds("gcp/ci", self.key)
        code = (
            "import json, os, sys; path = os.environ['GOOGLE_APPLICATION_CREDENTIALS'];"
            "first = open(path); key = json.load(first); first.seek(0); again = first.read();"
            "second = open(path, 'rb'); second.seek(-9, 2); tail = second.read();"
            "assert again.encode().endswith(tail) and key['type'] == 'service_account';"
            "assert os.environ['GOOGLE_CLOUD_PROJECT'] == key['project_id'] == 'p-1';"
            "sys.stdout.write(again)"
        )
        job = self.succeed(self.coffer(
            "run", "--secret", "gcp/ci", "--", sys.executable, "-I", "-c", code))
        self.assertEqual(job.out, self.key)


if __name__ == "__main__":
    unittest.main()
