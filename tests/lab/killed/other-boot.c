// Loaded into a process (LD_PRELOAD), lets it read another boot id: the machine has been rebooted, as far as it can see.
//
//   BOOT_ID_FILE=FILE  is opened in place of the kernel's file
//
// Covering the kernel's file by a mount would be simpler, but where a part of /proc is covered the kernel grants the jail
// no /proc of its own.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *redirected(const char *path) {
  const char *file = getenv("BOOT_ID_FILE");
  return file != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? file : path;
}

#define OPEN(name)                                                            \
  int name(const char *path, int flags, ...) {                                \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                 \
    va_end(rest);                                                             \
    __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);      \
    return real(redirected(path), flags, mode);                               \
  }

OPEN(open)
OPEN(open64)
