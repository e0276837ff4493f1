// What the tests need of glibc behind _GNU_SOURCE.

#ifndef COFFER_CSUPPORT_H
#define COFFER_CSUPPORT_H

#include <spawn.h>

// A new pseudo-terminal's main side, close-on-exec, or -1; its other side's name goes to name.
int coffer_open_terminal(char *name, unsigned long size);

// The child starts in path.
int coffer_spawn_in(posix_spawn_file_actions_t *actions, const char *path);

// The child inherits no descriptor from first on.
int coffer_spawn_closing(posix_spawn_file_actions_t *actions, int first);

// POSIX_SPAWN_SETSID.
short coffer_spawn_session_flag(void);

#endif
