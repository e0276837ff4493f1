// Which programs a grant can name.

import Testing
import VaultModel

@Suite("a program that a grant names")
struct GrantedProgramTests {
    @Test(
        "is none that runs what others hold, whatever its version",
        arguments: [
            "/bin/sh", "/usr/bin/bash", "/usr/bin/python3", "/usr/bin/python3.11",
            "/opt/Python-3.12", "/usr/bin/perl5.36.0", "/usr/bin/node", "/usr/bin/ruby3.1",
            "/usr/bin/env", "/usr/bin/make", "/usr/bin/xargs", "/usr/bin/sudo", "/usr/bin/gdb",
            "/lib64/ld-linux-x86-64.so.2", "/lib/ld-2.36.so", "busybox", "/usr/bin/lua5.4",
            "/usr/bin/perl5.36-x86_64-linux-gnu", "/usr/bin/vim.basic", "/usr/bin/run-parts",
            "/usr/bin/ssh-agent", "/usr/bin/coffer", "/usr/bin/git-credential-coffer",
            "/usr/bin/docker-credential-coffer", "/usr/bin/coffer-askpass", "/usr/bin/sqlite3",
            "/usr/lib/erlang/bin/beam.smp", "/usr/bin/qemu-x86_64-static",
            "/usr/lib/jvm/java-17/bin/java", "/usr/bin/zsh5", "/usr/bin/tclsh8.6",
        ])
    func interpreters(path: String) {
        #expect(GrantedProgram.isInterpreter(path))
    }

    @Test(
        "may be any other, whatever its name begins with",
        arguments: [
            "/usr/bin/psql", "/usr/bin/pg_dump", "/usr/bin/shred", "/usr/bin/pythonic-tool",
            "/usr/bin/makepkg", "/bin/sh/tool", "/usr/bin/sshpass", "/usr/bin/terraform", "/", "",
            "/usr/bin/7z", "/usr/bin/aws", "/usr/bin/curl", "/usr/bin/ldapsearch",
        ])
    func programs(path: String) {
        #expect(!GrantedProgram.isInterpreter(path))
    }

    @Test("shows its digest as sixty-four digits")
    func digest() throws {
        let bytes = (0..<32).map { UInt8($0 == 31 ? 0xff : $0) }
        let program = try #require(GrantedProgram(path: "/a", digest: bytes))
        #expect(
            program.digestText
                == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff")
    }
}
