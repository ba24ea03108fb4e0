// Loaded into a process (LD_PRELOAD), kills it with SIGKILL at one of its steps, as a power cut or the
// kernel's memory killer would: the program itself knows nothing of it.
//
//   DIE_AT_STEP=N   dies just before its N-th step: a call that creates, renames, removes or syncs a file,
//                   or starts a process
//   DIE_AT_WRITE=N  dies in the middle of its N-th write into a file whose path contains DIE_FILES (several,
//                   separated by ':'): half of the bytes are written
//   DIE_SIGNAL=N    gets this signal there instead of SIGKILL, and goes on if it is one that can be heeded
//   DIE_COUNTS=FILE at its end, writes how many steps and writes there were

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps, writes;

static long number(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

static void die(void) {
  int other = (int)number("DIE_SIGNAL");
  kill(getpid(), other ? other : SIGKILL);
  while (!other) pause();
}

static void step(void) {
  if (atomic_fetch_add(&steps, 1) + 1 == number("DIE_AT_STEP")) die();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// Each step is counted and then done by the real function.
#define STEP(type, name, parameters, arguments) \
  type name parameters {                        \
    step();                                     \
    return REAL(name) arguments;                \
  }

STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
STEP(int, unlink, (const char *path), (path))
STEP(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
STEP(int, rmdir, (const char *path), (path))
STEP(int, remove, (const char *path), (path))
STEP(int, mkdir, (const char *path, mode_t mode), (path, mode))
STEP(char *, mkdtemp, (char *pattern), (pattern))
STEP(int, link, (const char *from, const char *to), (from, to))
STEP(int, ftruncate, (int file, off_t size), (file, size))
STEP(int, ftruncate64, (int file, off64_t size), (file, size))
STEP(int, fsync, (int file), (file))
STEP(int, fdatasync, (int file), (file))
STEP(pid_t, fork, (void), ())

#define OPEN(name)                              \
  int name(const char *path, int flags, ...) {  \
    va_list rest;                               \
    va_start(rest, flags);                      \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                               \
    if (flags & O_CREAT) step();                \
    return REAL(name)(path, flags, mode);       \
  }

OPEN(open)
OPEN(open64)

static int is_watched(int file) {
  char link[64], path[4096], names[4096];
  const char *watched = getenv("DIE_FILES");
  if (watched == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  snprintf(names, sizeof names, "%s", watched);
  for (char *rest = names, *name; (name = strtok_r(rest, ":", &rest)) != NULL;)
    if (strstr(path, name) != NULL) return 1;
  return 0;
}

static int dies_here(int file) {
  return is_watched(file) && atomic_fetch_add(&writes, 1) + 1 == number("DIE_AT_WRITE");
}

ssize_t write(int file, const void *bytes, size_t length) {
  int dies = dies_here(file);
  ssize_t done = REAL(write)(file, bytes, dies ? length / 2 : length);
  if (dies) die();
  return done;
}

#define PWRITE(name, offset_type)                                               \
  ssize_t name(int file, const void *bytes, size_t length, offset_type offset) { \
    int dies = dies_here(file);                                                 \
    ssize_t done = REAL(name)(file, bytes, dies ? length / 2 : length, offset); \
    if (dies) die();                                                            \
    return done;                                                                \
  }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *pieces, int count) {
  int dies = dies_here(file);
  ssize_t done = dies ? REAL(write)(file, pieces[0].iov_base, pieces[0].iov_len / 2) : REAL(writev)(file, pieces, count);
  if (dies) die();
  return done;
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("DIE_COUNTS");
  if (path == NULL) return;
  long stepped = steps, written = writes;
  FILE *file = fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "{\"steps\":%ld,\"writes\":%ld}\n", stepped, written);
  fclose(file);
}
