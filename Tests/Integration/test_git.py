# git asks coffer: as its credential helper and as GIT_ASKPASS, against a host that asks for a
# password.

import os
import random
import subprocess
import unittest

from githost import GitHost
from support import COFFER, CofferTest, needs

PATIENCE = 60
VALUE = "Zq7-Secret/Part+%40=&?"


@needs("git")
class GitTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        root = self.home.folder("repositories")
        self.host = GitHost(root, "ann", VALUE)
        self.addCleanup(self.host.stop)
        self.address = f"http://{self.host.place}/app.git"
        self.home.environment |= {
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "NO_PROXY": "127.0.0.1",
            "GIT_CONFIG_GLOBAL": f"{self.home.path}/gitconfig",
        }
        self.git("init", "--quiet", "--bare", f"{root}/app.git")
        self.git("config", "--global", "user.name", "ann")
        self.git("config", "--global", "user.email", "ann@example.com")
        self.git("config", "--global", "init.defaultBranch", "main")

    def git(self, *words, code=0, stdin="", **extra):
        done = subprocess.run(
            ["git", *words], env=self.home.environment | extra, cwd=self.home.path,
            capture_output=True, timeout=PATIENCE, input=stdin, text=True)
        self.assertEqual(done.returncode != 0, code != 0, done)
        return done

    def link(self, name):
        """The program under the name that its client looks for, in $PATH."""
        path = f"{self.home.folder('bin')}/{name}"
        os.symlink(COFFER, path)
        self.home.environment["PATH"] = f"{self.home.path}/bin:{self.home.environment['PATH']}"
        return path

    def ask_coffer(self):
        """As docs/helpers.md says."""
        self.link("git-credential-coffer")
        self.git(
            "config", "--global", "credential.helper", f"coffer --key-file {self.home.key}")

    def request(self, **more):
        fields = {"protocol": "http", "host": self.host.place} | more
        return "".join(f"{key}={value}\n" for key, value in fields.items()) + "\n"

    def push(self, folder, **options):
        self.git("-C", folder, "commit", "--quiet", "--allow-empty", "-m", "more")
        return self.git("-C", folder, "push", "--quiet", self.address, "HEAD:main", **options)

    def uses(self):
        lines = self.succeed(self.coffer("audit log", "--json")).out.decode()
        return lines

    def test_clone_and_push_with_what_a_person_stored(self):
        self.store("team/git", VALUE.encode(), "--set", f"url=http://{self.host.place}",
                   "--set", "username=ann")
        self.ask_coffer()
        self.git("clone", "--quiet", self.address, "work")
        self.push(f"{self.home.path}/work")
        log = self.git("-C", f"{self.home.path}/repositories/app.git", "log", "--oneline", "main")
        self.assertEqual(len(log.stdout.splitlines()), 1)
        self.assertEqual(self.names(), ["team/git"], "what works is not stored again")
        log = self.uses()
        self.assertIn("/git", log)
        self.assertIn("team/git", log)

    def test_without_coffer_the_same_clone_fails(self):
        """The control: it is the vault that lets it in."""
        self.git("clone", "--quiet", self.address, "work", code=1)
        self.assertGreater(self.host.refused, 0)
        self.assertEqual(self.host.served, 0)

    def test_what_was_typed_once_is_stored_and_used(self):
        self.ask_coffer()
        typed = self.home.file("typed", (
            "#!/bin/sh\ncase $1 in Username*) echo ann;; *) printf '%s\\n' '" + VALUE + "';; esac\n"
        ).encode(), mode=0o700)
        self.git("clone", "--quiet", self.address, "work", GIT_ASKPASS=typed)
        (name,) = self.names()
        self.assertTrue(name.startswith("git/127.0.0.1:"), name)
        self.assertHolds(name, VALUE.encode())
        self.push(f"{self.home.path}/work", GIT_ASKPASS="/bin/false")
        self.assertEqual(self.names(), [name])
        self.refuse(self.coffer("get", f"{name}@2"), 4)

    def test_what_the_host_refuses_is_disabled_if_git_stored_it(self):
        self.ask_coffer()
        self.git("credential", "approve", stdin=self.request(username="ann", password=VALUE))
        (name,) = self.names()
        self.host.password = "changed"
        self.git("clone", "--quiet", self.address, "work", code=1)
        self.refuse(self.coffer("get", name), 8)
        kept = self.succeed(self.coffer("get", name, "--allow-disabled"))
        self.assertEqual(kept.out, VALUE.encode())

    def test_what_a_person_stored_stays_when_the_host_refuses_it(self):
        self.store("team/git", VALUE.encode(), "--set", f"url=http://{self.host.place}",
                   "--set", "username=ann")
        self.ask_coffer()
        self.host.password = "changed"
        done = self.git("clone", "--quiet", self.address, "work", code=1)
        self.assertIn('refused "team/git", which stays in use', done.stderr)
        self.assertHolds("team/git", VALUE.encode())

    def test_fill_approve_and_reject(self):
        self.ask_coffer()
        whole = self.request(username="ann", password=VALUE)
        self.git("credential", "fill", stdin=self.request(), code=1)
        self.git("credential", "approve", stdin=whole)
        filled = self.git("credential", "fill", stdin=self.request()).stdout
        self.assertEqual(sorted(filled.split()), sorted(whole.split()))
        self.git("credential", "reject", stdin=self.request(username="ann", password="another"))
        self.assertEqual(self.git("credential", "fill", stdin=self.request()).stdout, filled)
        self.git("credential", "reject", stdin=whole)
        self.git("credential", "fill", stdin=self.request(), code=1)
        self.git("credential", "approve", stdin=whole)
        self.assertEqual(self.git("credential", "fill", stdin=self.request()).stdout, filled)

    def test_two_users_and_paths_of_one_host(self):
        for user, path in (("ann", ""), ("bob", ""), ("cat", "team")):
            self.store(f"g/{user}", f"pw-{user}".encode(), "--set", f"username={user}", "--set",
                       f"url=https://g.example/{path}")
        self.ask_coffer()
        base = "protocol=https\nhost=g.example\n"
        for more, user in (
            ("username=ann\n", "ann"), ("username=bob\n", "bob"), ("path=team/x.git\n", "cat"),
            ("path=teams/x.git\nusername=ann\n", "ann"),
        ):
            with self.subTest(more=more):
                outcome = self.succeed(self.coffer(
                    "helper git", "get", stdin=(base + more).encode()))
                self.assertEqual(outcome.out.decode(), f"username={user}\npassword=pw-{user}\n")
        both = self.succeed(self.coffer(
            "helper git", "get", stdin=(base + "path=other\n").encode()))
        self.assertIn(b"password=pw-bob", both.out)
        self.assertIn(b"2 secrets fit as well", both.err)

    def test_with_a_newer_git_what_came_from_here_is_not_looked_up_again(self):
        """git 2.46 and later give `state[]` back; a vault that asks for a passphrase asks once."""
        self.store("t", VALUE.encode(), "--set", "url=https://s.example", "--set", "username=u")
        ask = b"capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=s.example\n"
        answer = self.succeed(self.coffer("helper git", "get", stdin=ask)).out
        self.assertTrue(answer.startswith(b"capability[]=state\nstate[]=coffer:known\n"), answer)
        kept = b"protocol=https\nhost=s.example\n" + answer
        locked = self.home.run("helper", "git", "store", stdin=kept)
        self.assertEqual((locked.code, locked.out, locked.err), (0, b"", b""))
        without = kept.replace(b"state[]=coffer:known\n", b"")
        self.refuse(self.home.run("helper", "git", "store", stdin=without), 2, 3)

    def test_requests_with_any_bytes_give_nothing_away_and_end(self):
        self.store("t", b"kept-value", "--set", "url=https://s.example", "--set", "username=u")
        whole = f"protocol=https\nhost=t.example\nusername=u\npassword={VALUE}\n\n".encode()
        chance = random.Random(7)
        telling = b"\0\n\r=[]:/@%? \xff\x1b"
        for number in range(150):
            request = bytearray(whole)
            for _ in range(chance.randint(1, 3)):
                place = chance.randrange(len(request) + 1)
                byte = bytes([chance.choice(telling)])
                request[place:place + chance.randint(0, 1)] = byte
            verb = ("get", "store", "erase")[number % 3]
            with self.subTest(number=number, request=bytes(request)):
                outcome = self.coffer("helper git", verb, stdin=bytes(request))
                self.assertIn(outcome.code, (0, 2), outcome)
                # What it was given for one host it may give for that, and says nothing of it.
                self.assertNotIn(b"kept-value", outcome.out + outcome.err)
                self.assertNotIn(VALUE[:6].encode(), outcome.err)
        self.assertHolds("t", b"kept-value")
        for text in (b"x" * 300_000, b"host=" + b"x" * 5_000, b"\n".join([b"a=b"] * 70_000)):
            self.refuse(self.coffer("helper git", "get", stdin=text), 2)

    def test_askpass_of_git(self):
        self.store("team/git", VALUE.encode(), "--set", f"url=http://{self.host.place}",
                   "--set", "username=ann")
        program = self.link("coffer-askpass")
        asking = {
            "GIT_ASKPASS": program, "COFFER_ASKPASS": "team/git",
            "COFFER_KEY_FILE": self.home.key,
        }
        self.git("clone", "--quiet", self.address, "work", **asking)
        self.push(f"{self.home.path}/work", **asking)
        other = GitHost(self.host.root, "ann", VALUE)
        self.addCleanup(other.stop)
        done = self.git("clone", "--quiet", f"http://{other.place}/app.git", "stolen", code=1,
                        **asking)
        self.assertIn("is kept for another host", done.stderr)
        self.assertEqual(other.served, 0)

    def test_a_locked_vault_is_no_answer_and_git_goes_on(self):
        self.store("team/git", VALUE.encode(), "--set", f"url=http://{self.host.place}",
                   "--set", "username=ann")
        self.link("git-credential-coffer")
        self.git("config", "--global", "credential.helper", "coffer")
        done = self.git("clone", "--quiet", self.address, "work", code=1)
        self.assertIn("coffer: error: ", done.stderr)
        self.assertNotIn(VALUE, done.stderr)


if __name__ == "__main__":
    unittest.main()
