// The only door to libargon2 (RFC 9106).

#include <argon2.h>
