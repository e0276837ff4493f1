// The only door to utf8proc: Unicode normalisation into buffers of ours, so that a passphrase stays in locked memory.

#include <utf8proc.h>
