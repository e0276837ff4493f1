#define _GNU_SOURCE
#include "CSupport.h"

#include <fcntl.h>
#include <stdlib.h>

int coffer_open_terminal(char *name, unsigned long size) {
    int main_side = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (main_side < 0) return -1;
    if (grantpt(main_side) || unlockpt(main_side) || ptsname_r(main_side, name, size)) return -1;
    return main_side;
}

int coffer_spawn_in(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int coffer_spawn_closing(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

short coffer_spawn_session_flag(void) { return POSIX_SPAWN_SETSID; }
