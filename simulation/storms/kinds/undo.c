/* Keeps what each file was before writes that were not brought to disk yet, so that a power cut can
 * take them back: an undo file for each inode under $RINGSIDE_UNDO, emptied by fsync and fdatasync.
 *
 * A record is three 64-bit numbers (size of the file before, offset, bytes kept) and those bytes.
 * Names are not kept: making, renaming and removing a file count as on disk at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static void take(void) { pthread_mutex_lock(&turn); }
static void give(void) { pthread_mutex_unlock(&turn); }

/* A child that is forked while another thread writes must not wait for ever. */
__attribute__((constructor)) static void begin(void) { pthread_atfork(take, give, give); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *undo_name(const struct stat *found, char *path, size_t room) {
    const char *folder = getenv("RINGSIDE_UNDO");
    if (!folder || !S_ISREG(found->st_mode) || !found->st_nlink) return NULL;
    snprintf(path, room, "%s/%llu", folder, (unsigned long long)found->st_ino);
    return path;
}

/* Keep what stands from `offset` on for `count` bytes, and how long the file is. */
static void keep(int fd, off_t offset, size_t count) {
    struct stat found;
    char path[4096], self[64];
    int kept_errno = errno;
    if (fstat(fd, &found) || !undo_name(&found, path, sizeof path)) return;
    if (offset < 0 || offset > found.st_size) offset = found.st_size;
    int64_t bytes = found.st_size - offset;
    if (bytes > (int64_t)count) bytes = count;
    int64_t head[3] = {found.st_size, offset, bytes};
    char *record = malloc(sizeof head + bytes);
    for (int i = 0; i < 3; i++) ((int64_t *)record)[i] = head[i];
    /* Anew: the descriptor may be for writing only, or past the cache. */
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int reading = open(self, O_RDONLY | O_CLOEXEC);
    ssize_t got = bytes ? pread(reading, record + sizeof head, bytes, offset) : 0;
    int undo = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (got != bytes || REAL(write)(undo, record, sizeof head + bytes) < 0) abort();
    close(undo);
    close(reading);
    free(record);
    errno = kept_errno;
}

static off_t place(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags & O_APPEND ? -1 : lseek(fd, 0, SEEK_CUR);
}

#define WRITING(offset, count, call)     \
    take();                              \
    keep(fd, offset, count);             \
    ssize_t done = call;                 \
    give();                              \
    return done;

ssize_t write(int fd, const void *from, size_t count) {
    struct stat found;
    if (fstat(fd, &found) || !S_ISREG(found.st_mode)) return REAL(write)(fd, from, count);
    WRITING(place(fd), count, REAL(write)(fd, from, count))
}

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
    WRITING(at, count, REAL(pwrite)(fd, from, count, at))
}

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
    WRITING(at, count, REAL(pwrite64)(fd, from, count, at))
}

static size_t sum(const struct iovec *parts, int count) {
    size_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
    return bytes;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    struct stat found;
    if (fstat(fd, &found) || !S_ISREG(found.st_mode)) return REAL(writev)(fd, parts, count);
    WRITING(place(fd), sum(parts, count), REAL(writev)(fd, parts, count))
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    WRITING(at, sum(parts, count), REAL(pwritev)(fd, parts, count, at))
}

int ftruncate(int fd, off_t size) {
    WRITING(size, (size_t)1 << 40, REAL(ftruncate)(fd, size))
}

int ftruncate64(int fd, off64_t size) {
    WRITING(size, (size_t)1 << 40, REAL(ftruncate64)(fd, size))
}

int posix_fallocate64(int fd, off64_t at, off64_t count) {
    WRITING(at + count, 0, REAL(posix_fallocate64)(fd, at, count))
}

/* What was written before is on disk now; nobody writes meanwhile. */
static int sync_with(int (*real)(int), int fd) {
    struct stat found;
    char path[4096];
    take();
    int failed = real(fd);
    int kept_errno = errno;
    if (!failed && !fstat(fd, &found) && undo_name(&found, path, sizeof path)) REAL(unlink)(path);
    errno = kept_errno;
    give();
    return failed;
}

int fsync(int fd) { return sync_with(REAL(fsync), fd); }
int fdatasync(int fd) { return sync_with(REAL(fdatasync), fd); }

/* The number of a file that is gone may be another file's next. */
static void forget(const char *name) {
    struct stat found;
    char path[4096];
    if (!stat(name, &found) && undo_name(&found, path, sizeof path)) REAL(unlink)(path);
}

int unlink(const char *name) {
    take();
    forget(name);
    int failed = REAL(unlink)(name);
    give();
    return failed;
}

int rename(const char *from, const char *to) {
    take();
    forget(to);
    int failed = REAL(rename)(from, to);
    give();
    return failed;
}
