#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

int coffer_set_dumpable(int on) { return prctl(PR_SET_DUMPABLE, on, 0, 0, 0); }
int coffer_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int coffer_memfd(const char *name) { return memfd_create(name, 0); }

int coffer_keep_out_of_dumps(void *address, size_t length) {
    return madvise(address, length, MADV_DONTDUMP);
}
int coffer_lock_on_touch(void *address, size_t length) {
    return mlock2(address, length, MLOCK_ONFAULT);
}
int coffer_populate(void *address, size_t length) {
#ifdef MADV_POPULATE_WRITE
    return madvise(address, length, MADV_POPULATE_WRITE);
#else
    return madvise(address, length, 23);
#endif
}
int coffer_wipe_on_fork(void *address, size_t length) {
    return madvise(address, length, MADV_WIPEONFORK);
}

void coffer_wipe(void *address, size_t length) { explicit_bzero(address, length); }

long coffer_file_system_of_path(const char *path) {
    struct statfs fs;
    return statfs(path, &fs) == 0 ? (long)fs.f_type : -1;
}
long coffer_file_system_of_descriptor(int descriptor) {
    struct statfs fs;
    return fstatfs(descriptor, &fs) == 0 ? (long)fs.f_type : -1;
}

long long coffer_free_bytes(const char *path) {
    struct statvfs fs;
    if (statvfs(path, &fs) != 0) return -1;
    return (long long)fs.f_bavail * (long long)fs.f_frsize;
}

int coffer_rename_without_replacing(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int coffer_exchange(const char *one, const char *other) {
    return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int coffer_open_nameless(const char *directory) {
    return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int coffer_name_file(int descriptor, const char *path) {
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

char **coffer_environment(void) { return environ; }

int coffer_process_descriptor(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }
int coffer_signal_descriptor(const void *signals) {
    return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int coffer_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int coffer_copy_terminal_size(int from, int to) {
    struct winsize size;
    return ioctl(from, TIOCGWINSZ, &size) == 0 ? ioctl(to, TIOCSWINSZ, &size) : -1;
}

int coffer_pipe_room(int descriptor) { return fcntl(descriptor, F_GETPIPE_SZ); }

int coffer_make_terminal(int *slave) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    char name[64];
    struct termios settings;
    *slave = -1;
    if (grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, name, sizeof name) == 0)
        *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave >= 0 && tcgetattr(*slave, &settings) == 0) {
        cfmakeraw(&settings);
        if (tcsetattr(*slave, TCSANOW, &settings) == 0) return master;
    }
    if (*slave >= 0) close(*slave);
    close(master);
    return -1;
}

unsigned coffer_thread_number(void) {
    static atomic_uint count;
    static _Thread_local unsigned number;
    if (number == 0) number = atomic_fetch_add(&count, 1) + 1;
    return number - 1;
}

int coffer_peer(int descriptor, int *process, unsigned *user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *process = peer.pid;
    *user = peer.uid;
    return 0;
}

// Newer than Debian 12's headers.
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
int coffer_peer_process_descriptor(int descriptor) {
    int found = -1;
    socklen_t length = sizeof found;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERPIDFD, &found, &length) == 0) return found;
    // One that has ended already is nobody; its number may be another's by now.
    if (errno != ENOPROTOOPT) return -1;
    // Before Linux 6.5: of whoever has the number now. Between connecting and here it may have ended,
    // and another one may have got its number.
    int process;
    unsigned user;
    if (coffer_peer(descriptor, &process, &user) != 0) return -1;
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int coffer_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int coffer_alarm(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC); }
int coffer_set_alarm(int alarm, long long milliseconds) {
    struct itimerspec when = {{0, 0}, {milliseconds / 1000, milliseconds % 1000 * 1000000}};
    return timerfd_settime(alarm, 0, &when, NULL);
}

int coffer_detach(void) {
    pid_t child = fork();
    if (child > 0) _exit(0);
    return child;
}

void coffer_give_memory_back(void) { malloc_trim(0); }
void coffer_keep_little_memory(void) { mallopt(M_ARENA_MAX, 1); }

int coffer_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static int argument_count;
static char **arguments;
static int has_begun;

__attribute__((constructor)) static void begin(int count, char **words, char **environment) {
    (void)environment;
    argument_count = count;
    arguments = words;
    has_begun = 1;
}

int coffer_argument_count(void) { return argument_count; }
char **coffer_arguments(void) { return arguments; }

// libcrypto asks the processor what it can do twice: before the program begins, and when it is first
// used. Each of the questions traps in a virtual machine; most commands never use libcrypto. The
// release build has the linker send both here (`--wrap`), and the first is not asked.
__attribute__((weak)) void __real_OPENSSL_cpuid_setup(void);
void __wrap_OPENSSL_cpuid_setup(void) {
    if (has_begun && __real_OPENSSL_cpuid_setup) __real_OPENSSL_cpuid_setup();
}

// Swift's runtime reads /proc/self/maps at each start, to find the words of the command line, which we have, and looks
// in eight places for a program that prints back traces; glibc asks where the program lies, for libraries that it could
// load. All three say by these values that nothing was found.
__attribute__((weak)) FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode) {
    if (strcmp(path, "/proc/self/maps") == 0 || !__real_fopen) return NULL;
    return __real_fopen(path, mode);
}
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
    (void)name;
    return NULL;
}
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }

int coffer_start_bound(
    const char *path, char *const *words, char *const *environment, const int descriptors[3], int apart) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    // Whoever started us may have ended before this was in force.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(127);
    if (apart && setpgid(0, 0) != 0) _exit(127);
    for (int number = 0; number < 3; number++) {
        int done = descriptors[number] == number ? fcntl(number, F_SETFD, 0) : dup2(descriptors[number], number);
        if (done < 0) _exit(127);
    }
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    // What is ignored stays so in the program: it ends by itself, or with us.
    int held[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
    for (unsigned place = 0; apart && place < sizeof held / sizeof *held; place++) signal(held[place], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, words, environment);
    _exit(127);
}
