# A terminal with a shell behind it, so that keys and job control are the real thing.
#
# The shell is a small process of our own that leads a session on a pseudo-terminal, starts one job
# in its foreground and tells how it stopped or ended. Without one, the kernel would not stop a job.

import os
import pty
import re
import select
import signal
import termios
import time

from support import COFFER, PATIENCE


class Shell:
    """One run of the binary in the foreground of a terminal."""

    def __init__(self, home, *words, stdout=None):
        self.output = b""
        self.reports, report = os.pipe()
        self.leader, self.terminal = pty.fork()
        if self.leader == 0:
            try:
                os.close(self.reports)
                self._lead(home, words, report, stdout)
            finally:
                os._exit(99)
        os.close(report)
        self.job = int(self._report())

    @staticmethod
    def _lead(home, words, report, stdout):
        """The shell: starts the job, and says its process id and whatever becomes of it."""
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        ready, go = os.pipe()
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            os.close(go)
            os.read(ready, 1)
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            if stdout is not None:
                os.dup2(stdout, 1)
            os.chdir(home.path)
            os.closerange(3, 64)
            os.execve(COFFER, [COFFER, *words], home.environment)
        os.setpgid(job, job)
        os.tcsetpgrp(0, job)
        os.write(report, b"%d\n" % job)
        os.close(ready)
        os.write(go, b"x")
        while True:
            _, status = os.waitpid(job, os.WUNTRACED | os.WCONTINUED)
            if os.WIFSTOPPED(status):
                os.write(report, b"stopped\n")
            elif not os.WIFCONTINUED(status):
                os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
                os._exit(0)

    def _report(self):
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([self.reports], [], [], PATIENCE)[0]:
                raise AssertionError(f"no word of the job; its output: {self.output!r}")
            byte = os.read(self.reports, 1)
            if not byte:
                raise AssertionError(f"the shell is gone; its output: {self.output!r}")
            line += byte
        return line.strip().decode()

    def expect(self, text):
        """Reads the terminal until it shows `text`; what came before is forgotten."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.output:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                raise AssertionError(f"{text!r} is not shown, but {self.output!r}")
            try:
                self.output += os.read(self.terminal, 65536)
            except OSError:
                raise AssertionError(f"ended without {text!r}: {self.output!r}") from None
        before, _, self.output = self.output.partition(text)
        return before

    def expect_prompt(self, words):
        """A prompt that is shown when nothing that is typed from now on will be."""
        self.expect(words)
        if not self.is_hidden:
            raise AssertionError(f"asked for {words!r} while what is typed is still shown")

    def rest(self):
        """Everything that was shown after the last thing expected."""
        while select.select([self.terminal], [], [], 0.05)[0]:
            try:
                if not (more := os.read(self.terminal, 65536)):
                    break
                self.output += more
            except OSError:
                break
        return self.output

    def type(self, content):
        """Writes to the terminal as fast as it is taken, reading what it shows meanwhile."""
        while content:
            readable, writable, _ = select.select([self.terminal], [self.terminal], [], PATIENCE)
            if readable:
                self.output += os.read(self.terminal, 65536)
            if writable:
                content = content[os.write(self.terminal, content[:512]):]

    def paste(self, content):
        """As terminals paste: in brackets, line ends as carriage returns."""
        self.type(b"\x1b[200~" + re.sub(b"\n", b"\r", content) + b"\x1b[201~")

    def send(self, number):
        """A signal from outside."""
        os.kill(self.job, number)

    def stopped_or_ended(self):
        """"stopped", or the exit code, negative if a signal ended the job."""
        report = self._report()
        return report if report == "stopped" else int(report)

    @property
    def is_hidden(self):
        """Whether what is typed is not shown."""
        flags = termios.tcgetattr(self.terminal)[3]
        return not flags & termios.ECHO

    @property
    def is_in_order(self):
        """Whether the terminal is as a shell leaves it: echo, lines, signals from keys."""
        wanted = termios.ECHO | termios.ICANON | termios.ISIG
        return termios.tcgetattr(self.terminal)[3] & wanted == wanted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Closing the terminal hangs the session up; a job that is still there is ended with it.
        for process in (self.job, self.leader):
            try:
                if process == self.leader or os.path.exists(f"/proc/{process}"):
                    os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.leader, 0)
        os.close(self.terminal)
        os.close(self.reports)
