/* A layer between one process and its files that can fail: for LD_PRELOAD, Linux only.
 *
 * Calls on files below one folder are counted; those that the control page (the small file $TV_SHIM_CONTROL, which
 * the process and its judge both map) chooses are failed, shortened, or end the process in their middle.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { OP_WRITE, OP_PWRITE, OP_FSYNC, OP_FDATASYNC, OP_TRUNCATE, OP_RENAME, OP_UNLINK, OPS = 8 };
enum { NOTHING, FAIL, SHORTEN, KILL };

/* The same layout stands in shim.py. */
struct control {
    uint32_t ops;       /* bit n: calls of kind n are chosen from */
    uint32_t action;
    uint32_t error;     /* errno of FAIL */
    uint32_t odds;      /* a chosen call is acted on with odds / 2^32 */
    uint32_t countdown; /* so many chosen calls are let through first */
    uint32_t database;  /* only cases.db and its journal */
    uint32_t state;     /* of the random numbers */
    uint32_t unused;
    uint64_t calls[OPS];
    uint64_t acted[OPS];
    uint64_t killed_at; /* CLOCK_MONOTONIC, nanoseconds */
    char folder[1024];  /* absolute, without links */
};

static struct control *page;

__attribute__((constructor)) static void begin(void) {
    const char *control = getenv("TV_SHIM_CONTROL");
    if (!control) return;
    int fd = open(control, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) page = mapped;
}

static int ends(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && !strcmp(text + length - wanted, end);
}

static uint32_t draw(void) {
    uint32_t x = page->state ? page->state : 2463534242u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return page->state = x;
}

/* What is to become of one call on a path. */
static int judge(const char *path, int op) {
    size_t length = strnlen(page->folder, sizeof page->folder);
    if (!length || strncmp(path, page->folder, length) || (path[length] != '/' && path[length])) return NOTHING;
    __atomic_add_fetch(&page->calls[op], 1, __ATOMIC_RELAXED);
    if (!page->action || !(page->ops >> op & 1)) return NOTHING;
    if (page->database && !ends(path, "/cases.db") && !ends(path, "/cases.db-journal")) return NOTHING;
    if (page->countdown) {
        __atomic_sub_fetch(&page->countdown, 1, __ATOMIC_RELAXED);
        return NOTHING;
    }
    if (draw() > page->odds) return NOTHING;
    __atomic_add_fetch(&page->acted[op], 1, __ATOMIC_RELAXED);
    return (int)page->action;
}

static int judge_file(int fd, int op) {
    if (!page) return NOTHING;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || path[0] != '/') return NOTHING;
    path[length] = 0;
    return judge(path, op);
}

static int judge_path(const char *name, int op) {
    return page && name[0] == '/' ? judge(name, op) : NOTHING;
}

static void die(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    page->killed_at = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* A write that is failed, done by half, or done by half as the last thing of the process. */
#define WRITE(name, op, parameters, arguments, half)                     \
    ssize_t name parameters {                                            \
        REAL(name);                                                      \
        int what = judge_file(fd, op);                                   \
        if (what == FAIL) { errno = (int)page->error; return -1; }       \
        if (what == SHORTEN && size > 1) return real half;               \
        if (what == KILL) { ssize_t done = real half; (void)done; die(); } \
        return real arguments;                                           \
    }

WRITE(write, OP_WRITE, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
WRITE(pwrite, OP_PWRITE, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
      (fd, data, size / 2, at))
WRITE(pwrite64, OP_PWRITE, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
      (fd, data, size / 2, at))

#define CALL(name, op, judged, parameters, arguments)                    \
    int name parameters {                                                \
        REAL(name);                                                      \
        int what = judged;                                               \
        if (what == FAIL) { errno = (int)page->error; return -1; }       \
        if (what == KILL) die();                                         \
        return real arguments;                                           \
    }

CALL(fsync, OP_FSYNC, judge_file(fd, OP_FSYNC), (int fd), (fd))
CALL(fdatasync, OP_FDATASYNC, judge_file(fd, OP_FDATASYNC), (int fd), (fd))
CALL(ftruncate, OP_TRUNCATE, judge_file(fd, OP_TRUNCATE), (int fd, off_t size), (fd, size))
CALL(ftruncate64, OP_TRUNCATE, judge_file(fd, OP_TRUNCATE), (int fd, off64_t size), (fd, size))
CALL(rename, OP_RENAME, judge_path(to, OP_RENAME), (const char *from, const char *to), (from, to))
CALL(renameat, OP_RENAME, judge_path(to, OP_RENAME), (int a, const char *from, int b, const char *to),
     (a, from, b, to))
CALL(unlink, OP_UNLINK, judge_path(path, OP_UNLINK), (const char *path), (path))
CALL(unlinkat, OP_UNLINK, judge_path(path, OP_UNLINK), (int at, const char *path, int flags), (at, path, flags))
