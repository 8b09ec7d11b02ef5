/* Preloaded into the program under test: counts its calls that change a file or
 * talk to a server, and at the n-th ends the process with SIGKILL, or holds it
 * until the tests have done something to the server.
 *
 *   GODWIT_FAULT_AT      n, from 1; without it calls are only counted
 *   GODWIT_FAULT_WHEN    "before" or "after" the call takes effect
 *   GODWIT_FAULT_ACTION  "kill" or "hold"
 *   GODWIT_FAULT_TELL    hold: a byte is written to this descriptor, and
 *   GODWIT_FAULT_WAIT    one is awaited from this one
 *   GODWIT_FAULT_COUNT   a file that receives the number of calls at exit
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long fault_at = -1;
static int fault_after;
static int holds;
static int tell_fd = -1;
static int wait_fd = -1;
static const char* count_path;

static long number_of(const char* name, long otherwise) {
    const char* text = getenv(name);
    return text == NULL ? otherwise : atol(text);
}

__attribute__((constructor)) static void begin(void) {
    const char* when = getenv("GODWIT_FAULT_WHEN");
    const char* action = getenv("GODWIT_FAULT_ACTION");
    fault_at = number_of("GODWIT_FAULT_AT", -1);
    fault_after = when != NULL && strcmp(when, "after") == 0;
    holds = action != NULL && strcmp(action, "hold") == 0;
    tell_fd = (int)number_of("GODWIT_FAULT_TELL", -1);
    wait_fd = (int)number_of("GODWIT_FAULT_WAIT", -1);
    count_path = getenv("GODWIT_FAULT_COUNT");
}

/* Own system calls from here on: they must not count. */
__attribute__((destructor)) static void end(void) {
    if (count_path == NULL) return;
    char text[32];
    const int size = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));
    const long file = syscall(SYS_openat, AT_FDCWD, count_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) return;
    (void)syscall(SYS_write, file, text, (size_t)size);
    (void)syscall(SYS_close, file);
}

/* The program ends without running destructors. */
void _Exit(int status) {
    end();
    (void)syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

static void strike(void) {
    if (!holds) {
        (void)syscall(SYS_kill, getpid(), SIGKILL);
        return;
    }
    char byte = 'h';
    (void)syscall(SYS_write, tell_fd, &byte, (size_t)1);
    while (syscall(SYS_read, wait_fd, &byte, (size_t)1) < 0 && errno == EINTR) {
    }
}

/* Whether this call is the n-th. */
static int enter(void) {
    const int mine = atomic_fetch_add(&calls, 1) + 1 == fault_at;
    if (mine && !fault_after) strike();
    return mine;
}

static void leave(int mine) {
    const int kept = errno;
    if (mine && fault_after) strike();
    errno = kept;
}

/* POSIX gives functions through dlsym's object pointer, and glibc declares
 * addresses as a transparent union; ISO C knows neither. */
#pragma GCC diagnostic ignored "-Wpedantic"
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define FORWARD(type, name, parameters, ...)             \
    type name parameters {                               \
        static __typeof__(&name) next;                   \
        if (next == NULL) next = NEXT(name);             \
        const int mine = enter();                        \
        const type result = next(__VA_ARGS__);           \
        leave(mine);                                     \
        return result;                                   \
    }

FORWARD(ssize_t, write, (int fd, const void* data, size_t size), fd, data, size)
FORWARD(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), fd, data, size, at)
FORWARD(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), fd, data, size, at)
FORWARD(int, fsync, (int fd), fd)
FORWARD(int, fdatasync, (int fd), fd)
FORWARD(int, ftruncate, (int fd, off_t size), fd, size)
FORWARD(int, ftruncate64, (int fd, off64_t size), fd, size)
FORWARD(int, unlink, (const char* path), path)
FORWARD(int, unlinkat, (int folder, const char* path, int flags), folder, path, flags)
FORWARD(int, rename, (const char* from, const char* to), from, to)
FORWARD(ssize_t, send, (int fd, const void* data, size_t size, int flags), fd, data, size, flags)
FORWARD(ssize_t, sendto, (int fd, const void* data, size_t size, int flags, const struct sockaddr* to, socklen_t length),
        fd, data, size, flags, to, length)
FORWARD(ssize_t, recv, (int fd, void* data, size_t size, int flags), fd, data, size, flags)
FORWARD(ssize_t, recvfrom, (int fd, void* data, size_t size, int flags, struct sockaddr* from, socklen_t* length), fd, data,
        size, flags, from, length)

/* Opening counts where it may create the file. */
#define OPENER(name, parameters, ...)                                      \
    int name parameters {                                                  \
        static __typeof__(&name) next;                                     \
        if (next == NULL) next = NEXT(name);                               \
        mode_t mode = 0;                                                   \
        if (flags & O_CREAT) {                                             \
            va_list rest;                                                  \
            va_start(rest, flags);                                         \
            mode = va_arg(rest, mode_t);                                   \
            va_end(rest);                                                  \
        }                                                                  \
        const int mine = (flags & O_CREAT) ? enter() : 0;                  \
        const int result = next(__VA_ARGS__, flags, mode);                 \
        leave(mine);                                                       \
        return result;                                                     \
    }

OPENER(open, (const char* path, int flags, ...), path)
OPENER(open64, (const char* path, int flags, ...), path)
OPENER(openat, (int folder, const char* path, int flags, ...), folder, path)
OPENER(openat64, (int folder, const char* path, int flags, ...), folder, path)
