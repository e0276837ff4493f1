// Linux calls that Swift cannot import, and what C can say and Swift cannot. Nothing else belongs here.

#ifndef COFFER_CLINUX_H
#define COFFER_CLINUX_H

#include <stddef.h>

// prctl(2) is variadic.
int coffer_set_dumpable(int on);
int coffer_set_no_new_privileges(void);

// memfd_create(2) needs _GNU_SOURCE.
int coffer_memfd(const char *name);

// madvise(2) advice that Glibc's Swift overlay hides behind _GNU_SOURCE; both return 0 or -1.
int coffer_keep_out_of_dumps(void *address, size_t length);
int coffer_wipe_on_fork(void *address, size_t length);

// mlock2(2) with MLOCK_ONFAULT, which needs _GNU_SOURCE: pages are locked as they are touched.
int coffer_lock_on_touch(void *address, size_t length);

// madvise(2) with MADV_POPULATE_WRITE, which Debian 12's headers may lack: touches pages at once. 0 or -1.
int coffer_populate(void *address, size_t length);

// explicit_bzero(3), which the optimiser may not remove.
void coffer_wipe(void *address, size_t length);

// The magic number of the file system that holds path or descriptor (statfs(2)), or -1 with errno set.
long coffer_file_system_of_path(const char *path);
long coffer_file_system_of_descriptor(int descriptor);

// Free bytes for this user on the file system that holds path, or -1 with errno set.
long long coffer_free_bytes(const char *path);

// renameat2(2) with RENAME_NOREPLACE, which needs _GNU_SOURCE: fails with EEXIST if there is a file.
int coffer_rename_without_replacing(const char *from, const char *to);

// The same with RENAME_EXCHANGE: both names are there before and after, never none.
int coffer_exchange(const char *one, const char *other);

// A new file of mode 0600 in a directory that has no name and goes with its descriptor (O_TMPFILE),
// or -1 with errno set; and the giving of a name to it, which fails with EEXIST if there is a file.
int coffer_open_nameless(const char *directory);
int coffer_name_file(int descriptor, const char *path);

// Whether a secret can be kept from the process's environment: environ is a macro-guarded global.
char **coffer_environment(void);

// A descriptor that is readable once a process has ended (pidfd_open(2), a bare system call), or -1.
int coffer_process_descriptor(int process);

// A descriptor that is readable while one of a sigset_t of signals is pending (signalfd(2)), or -1.
int coffer_signal_descriptor(const void *signals);

// A small number for the calling thread, 0 for the first that asks: C has thread-local variables.
unsigned coffer_thread_number(void);

// ioctl(2) is variadic: columns of the terminal, or 0.
int coffer_terminal_columns(int descriptor);

// The same: gives the terminal `to` the size of `from`; 0, or -1 with errno set.
int coffer_copy_terminal_size(int from, int to);

// fcntl(2) is variadic: bytes that a pipe takes, or -1 with errno set.
int coffer_pipe_room(int descriptor);

// Both ends of a new terminal that changes nothing of what is written to it (posix_openpt(3) and others
// need _GNU_SOURCE): the master, its other end in *slave; or -1 with errno set.
int coffer_make_terminal(int *slave);

// Starts a program that the kernel kills when we end, however we end (PR_SET_PDEATHSIG, for the calling
// thread): its process, or -1 with errno set. `descriptors` become its first three; signals do what they do
// by themselves. With `apart` neither the keys of the terminal nor signals that ask for an end reach it. Nothing of
// locked memory comes along.
int coffer_start_bound(
    const char *path, char *const *words, char *const *environment, const int descriptors[3], int apart);

// malloc_trim(3), whose header Swift does not import: gives free memory back to the system.
void coffer_give_memory_back(void);

// mallopt(3): threads share one piece of memory. Of one of their own malloc_trim(3) leaves the end.
void coffer_keep_little_memory(void);

// posix_spawn_file_actions_addclosefrom_np(3), which needs _GNU_SOURCE: 0, or an error.
int coffer_close_from(void *actions, int first);

// Who is at the other end of a connected local socket (unix(7), SO_PEERCRED): 0, or -1 with errno set.
int coffer_peer(int descriptor, int *process, unsigned *user);

// A descriptor of that process (SO_PEERPIDFD, Linux 6.5): readable once it has ended. -1 where there is none.
int coffer_peer_process_descriptor(int descriptor);

// The next connection, non-blocking and closed on exec (accept4(2) needs _GNU_SOURCE), or -1.
int coffer_accept(int listener);

// A descriptor that is readable `milliseconds` from now, time asleep included (timerfd, CLOCK_BOOTTIME), or -1.
int coffer_alarm(void);
int coffer_set_alarm(int alarm, long long milliseconds);

// Goes on as a child of nobody: whoever started us sees us end (fork(2), which Swift does not have). 0 or -1.
// Locked memory does not come along, so nothing may be in it yet.
int coffer_detach(void);

// The words of the command line, which glibc hands to constructors: Swift's own way reads and searches
// /proc/self/maps for them.
int coffer_argument_count(void);
char **coffer_arguments(void);

// Relocates the tables of libcrypto and SQLite, which the start leaves out (Start.c): to be called before anything
// of theirs is. Nothing is done where they are relocated already.
void coffer_relocate_rest(void);

#endif
