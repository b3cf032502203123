#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST; the kernel's headers that name them clash with netinet/in.h.
enum { ORIGINAL_DESTINATION = 80 };

#define RETRY(call)                                    \
    do {                                               \
        __typeof__(call) result_;                      \
        do {                                           \
            result_ = (call);                          \
        } while (result_ == -1 && errno == EINTR);     \
        return result_ == -1 ? -errno : result_;       \
    } while (0)

#define OPTION(fd, level, name, value)                                                        \
    do {                                                                                      \
        int value_ = (value);                                                                 \
        return setsockopt((fd), (level), (name), &value_, sizeof value_) == -1 ? -errno : 0;  \
    } while (0)

static uint64_t big_endian(const uint8_t *bytes) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | bytes[i];
    return number;
}

static socklen_t to_native(const struct clinux_address *address, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (address->family == 6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(address->port);
        six->sin6_scope_id = address->scope;
        for (int i = 0; i < 8; i++) {
            six->sin6_addr.s6_addr[i] = (uint8_t)(address->high >> (56 - 8 * i));
            six->sin6_addr.s6_addr[8 + i] = (uint8_t)(address->low >> (56 - 8 * i));
        }
        return sizeof *six;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    four->sin_family = AF_INET;
    four->sin_port = htons(address->port);
    four->sin_addr.s_addr = htonl((uint32_t)address->low);
    return sizeof *four;
}

// An IPv4 address that a dual-stack socket shows as ::ffff:a.b.c.d is the IPv4 address.
static void from_native(const struct sockaddr_storage *storage, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)storage;
        address->port = ntohs(six->sin6_port);
        address->high = big_endian(six->sin6_addr.s6_addr);
        address->low = big_endian(six->sin6_addr.s6_addr + 8);
        if (address->high == 0 && address->low >> 32 == 0xffff) {
            address->low &= 0xffffffff;
            address->family = 4;
        } else {
            address->scope = six->sin6_scope_id;
            address->family = 6;
        }
    } else if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)storage;
        address->port = ntohs(four->sin_port);
        address->low = ntohl(four->sin_addr.s_addr);
        address->family = 4;
    }
}

// close(2) has released the descriptor even when it reports EINTR.
int clinux_close(int fd) { return close(fd) == -1 && errno != EINTR ? -errno : 0; }
int clinux_duplicate(int fd) { RETRY(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }
int clinux_open_path(const char *path, int flags) { RETRY(open(path, flags | O_CLOEXEC)); }
ssize_t clinux_read(int fd, void *buffer, size_t count) { RETRY(read(fd, buffer, count)); }
ssize_t clinux_write(int fd, const void *buffer, size_t count) { RETRY(write(fd, buffer, count)); }
// No thread is ever cancelled: syscall() spares these the library's points of cancellation, two locked operations a call.
ssize_t clinux_readv(int fd, const void *vectors, int count) { RETRY((ssize_t)syscall(SYS_readv, fd, vectors, count)); }
ssize_t clinux_sendv(int fd, const void *vectors, size_t count) {
    struct msghdr message = {.msg_iov = (struct iovec *)vectors, .msg_iovlen = count};
    RETRY((ssize_t)syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL));
}
ssize_t clinux_send(int fd, const void *buffer, size_t count) {
    RETRY((ssize_t)syscall(SYS_sendto, fd, buffer, count, MSG_NOSIGNAL, NULL, 0));
}
ssize_t clinux_receive(int fd, void *buffer, size_t count) {
    RETRY((ssize_t)syscall(SYS_recvfrom, fd, buffer, count, 0, NULL, NULL));
}
ssize_t clinux_peek(int fd, void *buffer, size_t count) { RETRY(recv(fd, buffer, count, MSG_PEEK | MSG_DONTWAIT)); }

ssize_t clinux_receive_from(int fd, void *buffer, size_t count, struct clinux_address *from) {
    struct sockaddr_storage storage = {0};
    ssize_t received;
    do {
        socklen_t length = sizeof storage;
        received = recvfrom(fd, buffer, count, 0, (struct sockaddr *)&storage, &length);
    } while (received == -1 && errno == EINTR);
    if (received == -1) return -errno;
    from_native(&storage, from);
    return received;
}

ssize_t clinux_send_to(int fd, const void *buffer, size_t count, const struct clinux_address *to) {
    struct sockaddr_storage storage;
    socklen_t length = to_native(to, &storage);
    RETRY(sendto(fd, buffer, count, MSG_NOSIGNAL, (struct sockaddr *)&storage, length));
}

int clinux_socket(int family, int type) {
    int kind = type == 2 ? SOCK_DGRAM : SOCK_STREAM;
    RETRY(socket(family == 6 ? AF_INET6 : AF_INET, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}
int clinux_socketpair(int fds[2], int sequenced) {
    RETRY(socketpair(AF_UNIX, (sequenced ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
}
int clinux_bind(int fd, const struct clinux_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = to_native(address, &storage);
    RETRY(bind(fd, (struct sockaddr *)&storage, length));
}
int clinux_listen(int fd, int backlog) { RETRY(listen(fd, backlog)); }
// A nonblocking connect that a signal interrupts goes on by itself: to call again would report EALREADY.
int clinux_connect(int fd, const struct clinux_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = to_native(address, &storage);
    if (connect(fd, (struct sockaddr *)&storage, length) == 0) return 0;
    return errno == EINTR ? -EINPROGRESS : -errno;
}
int clinux_accept(int fd, struct clinux_address *peer) {
    struct sockaddr_storage storage = {0};
    int accepted;
    do {
        socklen_t length = sizeof storage;
        accepted = accept4(fd, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (accepted == -1 && errno == EINTR);
    if (accepted == -1) return -errno;
    from_native(&storage, peer);
    return accepted;
}
int clinux_local_address(int fd, struct clinux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &length) == -1) return -errno;
    from_native(&storage, address);
    return 0;
}
int clinux_peer_address(int fd, struct clinux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getpeername(fd, (struct sockaddr *)&storage, &length) == -1) return -errno;
    from_native(&storage, address);
    return 0;
}
int clinux_original_destination(int fd, int family, struct clinux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = family == 6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int level = family == 6 ? SOL_IPV6 : SOL_IP;
    if (getsockopt(fd, level, ORIGINAL_DESTINATION, &storage, &length) == -1) return -errno;
    from_native(&storage, address);
    return 0;
}
int clinux_shutdown(int fd, int how) {
    RETRY(shutdown(fd, how == 0 ? SHUT_RD : how == 1 ? SHUT_WR : SHUT_RDWR));
}
int clinux_socket_error(int fd) {
    int pending = 0;
    socklen_t length = sizeof pending;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &length) == -1) return -errno;
    return pending;
}

int clinux_socket_is_listening(int fd) {
    int listening = 0;
    socklen_t length = sizeof listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == -1 ? -errno : listening;
}
int clinux_socket_is_datagram(int fd) {
    int type = 0;
    socklen_t length = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == -1 ? -errno : type == SOCK_DGRAM;
}
int clinux_socket_namespace(int fd) { RETRY(ioctl(fd, SIOCGSKNS)); }
int clinux_socket_namespace_cookie(int fd, uint64_t *cookie) {
    socklen_t length = sizeof *cookie;
    return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) == -1 ? -errno : 0;
}
int clinux_set_close_on_exec(int fd) { RETRY(fcntl(fd, F_SETFD, FD_CLOEXEC)); }

int clinux_set_no_delay(int fd, int on) { OPTION(fd, IPPROTO_TCP, TCP_NODELAY, on); }
int clinux_set_keep_alive(int fd, int idle, int interval, int count) {
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == -1) return -errno;
    if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) == -1) return -errno;
    if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval) == -1) return -errno;
    OPTION(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
}
int clinux_unacknowledged(int fd) {
    int count = 0;
    return ioctl(fd, SIOCOUTQ, &count) == -1 ? -errno : count;
}
int clinux_set_mark(int fd, uint32_t mark) { OPTION(fd, SOL_SOCKET, SO_MARK, (int)mark); }
int clinux_get_mark(int fd, uint32_t *mark) {
    socklen_t length = sizeof *mark;
    return getsockopt(fd, SOL_SOCKET, SO_MARK, mark, &length) == -1 ? -errno : 0;
}
int clinux_set_transparent(int fd, int family) {
    if (family == 6) OPTION(fd, SOL_IPV6, IPV6_TRANSPARENT, 1);
    OPTION(fd, SOL_IP, IP_TRANSPARENT, 1);
}
int clinux_get_transparent(int fd, int family) {
    int on = 0;
    socklen_t length = sizeof on;
    int result = family == 6 ? getsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &on, &length)
                             : getsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, &length);
    return result == -1 ? -errno : on != 0;
}
int clinux_set_freebind(int fd, int family) {
    if (family == 6) OPTION(fd, SOL_IPV6, IPV6_FREEBIND, 1);
    OPTION(fd, SOL_IP, IP_FREEBIND, 1);
}
int clinux_set_bind_address_no_port(int fd) { OPTION(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1); }
int clinux_set_reuse_address(int fd, int on) { OPTION(fd, SOL_SOCKET, SO_REUSEADDR, on); }
int clinux_set_reuse_port(int fd, int on) { OPTION(fd, SOL_SOCKET, SO_REUSEPORT, on); }
int clinux_set_v6_only(int fd, int on) { OPTION(fd, IPPROTO_IPV6, IPV6_V6ONLY, on); }
int clinux_set_buffer_sizes(int fd, int send_bytes, int receive_bytes) {
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes) == -1) return -errno;
    OPTION(fd, SOL_SOCKET, SO_RCVBUF, receive_bytes);
}
int clinux_set_reset_on_close(int fd) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == -1 ? -errno : 0;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}
static int unix_socket(int type) {
    int kind = type == 1 ? SOCK_STREAM : SOCK_SEQPACKET;
    int fd = socket(AF_UNIX, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd == -1 ? -errno : fd;
}
int clinux_unix_listen(const char *path, int type, int backlog) {
    struct sockaddr_un address;
    int failure = unix_address(path, &address);
    if (failure < 0) return failure;
    int fd = unix_socket(type);
    if (fd < 0) return fd;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1 || listen(fd, backlog) == -1) {
        failure = -errno;
        close(fd);
        return failure;
    }
    return fd;
}
int clinux_unix_connect(const char *path, int type) {
    struct sockaddr_un address;
    int failure = unix_address(path, &address);
    if (failure < 0) return failure;
    int fd = unix_socket(type);
    if (fd < 0) return fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == -1) {
        failure = -errno;
        close(fd);
        return failure;
    }
    return fd;
}
int clinux_unix_path(int fd, char *path, size_t count) {
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) == -1) return -errno;
    if (address.sun_family != AF_UNIX) return -EINVAL;
    strncpy(path, address.sun_path, count - 1);
    path[count - 1] = 0;
    return 0;
}
int clinux_unix_accept(int fd) { RETRY(accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)); }

ssize_t clinux_send_message(int fd, const void *buffer, size_t count, int passed) {
    struct iovec vector = {.iov_base = (void *)buffer, .iov_len = count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof passed);
    }
    RETRY(sendmsg(fd, &message, MSG_NOSIGNAL));
}

ssize_t clinux_receive_message(int fd, void *buffer, size_t count, int *passed, int *descriptors_sent) {
    struct iovec vector = {.iov_base = buffer, .iov_len = count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * 8)];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *passed = -1;
    *descriptors_sent = 0;
    ssize_t received;
    do {
        received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (received == -1 && errno == EINTR);
    if (received == -1) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t descriptors = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < descriptors; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            *descriptors_sent += 1;
            if (*passed == -1) *passed = descriptor;
            else close(descriptor);
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        if (*passed != -1) close(*passed);
        *passed = -1;
        return -EMSGSIZE;
    }
    return received;
}

// An abstract name begins with '@', as in NOTIFY_SOCKET.
ssize_t clinux_notify(const char *path, const void *buffer, size_t count, int passed, int timeout_milliseconds) {
    struct sockaddr_un address;
    int failure = unix_address(path, &address);
    if (failure < 0) return failure;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (address.sun_path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1) return -errno;
    struct timeval timeout = {
        .tv_sec = timeout_milliseconds / 1000, .tv_usec = timeout_milliseconds % 1000 * 1000};
    ssize_t sent = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) == -1 ? -errno : 0;
    if (sent == 0 && connect(fd, (struct sockaddr *)&address, length) == -1) sent = -errno;
    if (sent == 0) sent = clinux_send_message(fd, buffer, count, passed);
    close(fd);
    return sent;
}

int clinux_peer_credentials(int fd, uint32_t *pid, uint32_t *uid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == -1) return -errno;
    *pid = (uint32_t)credentials.pid;
    *uid = credentials.uid;
    return 0;
}

int clinux_epoll_create(void) { RETRY(epoll_create1(EPOLL_CLOEXEC)); }
int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(epoll, operation, fd, &event) == -1 ? -errno : 0;
}
// A signal ends the wait early with no events: the loop then looks at its clock and mailbox again.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds) {
    enum { BATCH = 256 };
    struct epoll_event native[BATCH];
    int count = epoll_wait(epoll, native, capacity < BATCH ? capacity : BATCH, timeout_milliseconds);
    if (count == -1) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        events[i].events = native[i].events;
        events[i].data = native[i].data.u64;
    }
    return count;
}
int clinux_eventfd(void) { RETRY(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int clinux_setns(int fd) { RETRY(setns(fd, CLONE_NEWNET)); }
int clinux_unshare_network(void) { RETRY(unshare(CLONE_NEWNET)); }
int clinux_namespace_identity(int fd, uint64_t *device, uint64_t *inode) {
    struct stat status;
    if (fstat(fd, &status) == -1) return -errno;
    *device = status.st_dev;
    *inode = status.st_ino;
    return 0;
}
uint64_t clinux_monotonic_nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
int64_t clinux_realtime_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec;
}
int clinux_random(void *buffer, size_t count) {
    uint8_t *position = buffer;
    while (count > 0) {
        ssize_t filled = getrandom(position, count, 0);
        if (filled == -1 && errno == EINTR) continue;
        if (filled == -1) return -errno;
        position += filled;
        count -= (size_t)filled;
    }
    return 0;
}
int clinux_get_descriptor_limit(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}
int clinux_set_descriptor_limit(uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(RLIMIT_NOFILE, &limit) == -1 ? -errno : 0;
}

int clinux_lock_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd == -1) return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    int failure = -errno;
    close(fd);
    return failure;
}

// Two forks: the first child ends at once, so that init, not the caller, is the parent of the second. Between fork and exec
// only system calls are made.
int clinux_start_detached(
    const char *path, char *const arguments[], char *const environment[], int passed, unsigned seconds) {
    pid_t first = fork();
    if (first == -1) return -errno;
    if (first == 0) {
        pid_t second = fork();
        if (second != 0) _exit(second == -1 ? errno : 0);
        if (passed == 3 ? fcntl(3, F_SETFD, 0) == -1 : dup2(passed, 3) == -1) _exit(errno);
        alarm(seconds);
        execve(path, arguments, environment);
        _exit(errno);
    }
    int status = 0;
    while (waitpid(first, &status, 0) == -1)
        if (errno != EINTR) return -errno;
    if (!WIFEXITED(status)) return -ECHILD;
    return -WEXITSTATUS(status);
}
void clinux_alarm(unsigned seconds) { alarm(seconds); }
int clinux_wait_readable(int fd, int timeout_milliseconds) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    RETRY(poll(&wanted, 1, timeout_milliseconds));
}

void *clinux_map(size_t count) {
    void *base = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}
void clinux_unmap(void *base, size_t count) { munmap(base, count); }
void clinux_drop_pages(void *base, size_t count) { madvise(base, count, MADV_DONTNEED); }
void clinux_trim_heap(void) { malloc_trim(0); }
/* The linker's names for the first byte of the program's file and the end of its code. */
extern char __executable_start;
extern char etext;
void clinux_drop_program_pages(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)&__executable_start & ~(page - 1);
    uintptr_t end = (uintptr_t)&etext & ~(page - 1);
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}
uint64_t clinux_heap_bytes_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
size_t clinux_allocation_size(const void *pointer) { return malloc_usable_size((void *)pointer); }

struct thread_start {
    void (*body)(void *);
    void *argument;
};
static void *thread_entry(void *raw) {
    struct thread_start start = *(struct thread_start *)raw;
    free(raw);
    start.body(start.argument);
    return NULL;
}
// Signals belong to the main thread: a worker that took one would delay its connections.
int clinux_thread_start(uint64_t *thread, const char *name, void (*body)(void *), void *argument) {
    struct thread_start *start = malloc(sizeof *start);
    if (!start) return -ENOMEM;
    start->body = body;
    start->argument = argument;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t handle;
    int failure = pthread_create(&handle, NULL, thread_entry, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure) {
        free(start);
        return -failure;
    }
    char shortened[16];
    strncpy(shortened, name, sizeof shortened - 1);
    shortened[sizeof shortened - 1] = 0;
    pthread_setname_np(handle, shortened);
    *thread = (uint64_t)handle;
    return 0;
}
int clinux_leave_descriptor_table(void) {
    return syscall(SYS_close_range, 3u, ~0u, 1u << 1 /* CLOSE_RANGE_UNSHARE, linux/close_range.h */) ? -errno : 0;
}
int clinux_thread_join(uint64_t thread) { return -pthread_join((pthread_t)thread, NULL); }
uint64_t clinux_thread_current(void) { return (uint64_t)pthread_self(); }

void clinux_error_text(int number, char *buffer, size_t count) {
    const char *text = strerrordesc_np(number);
    strncpy(buffer, text ? text : "unknown error", count - 1);
    buffer[count - 1] = 0;
}
const char *clinux_error_name(int number) { return strerrorname_np(number); }

extern char **environ;

int clinux_spawn(char *const argv[], pid_t *pid) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) return -errno;
    // The program's own end blocks: few programs expect that writing to their output may fail for now.
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    int result = posix_spawn_file_actions_init(&actions);
    if (result == 0 && (result = posix_spawnattr_init(&attributes)) != 0) posix_spawn_file_actions_destroy(&actions);
    if (result != 0) {
        close(ends[0]);
        close(ends[1]);
        return -result;
    }
    if ((result = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
        (result = posix_spawn_file_actions_adddup2(&actions, ends[1], 1)) == 0 &&
        (result = posix_spawn_file_actions_adddup2(&actions, ends[1], 2)) == 0 &&
        (result = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
        (result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK)) == 0)
        result = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (result == 0) return ends[0];
    close(ends[0]);
    return -result;
}
int clinux_process_handle(pid_t pid) { RETRY((int)syscall(SYS_pidfd_open, pid, 0)); }
void clinux_kill_process(pid_t pid) { kill(pid, SIGKILL); }
static int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }
int clinux_collect(pid_t pid) {
    int status = 0;
    pid_t result;
    do result = waitpid(pid, &status, WNOHANG);
    while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    return result == 0 ? -EAGAIN : exit_status(status);
}
int clinux_reap(pid_t pid, int timeout_milliseconds, int *killed) {
    int handle = clinux_process_handle(pid);
    *killed = 0;
    if (handle < 0 || clinux_wait_readable(handle, timeout_milliseconds) != 1) {
        *killed = 1;
        kill(pid, SIGKILL);
    }
    if (handle >= 0) close(handle);
    int status = 0;
    pid_t result;
    do result = waitpid(pid, &status, 0);
    while (result == -1 && errno == EINTR);
    if (result == -1) return -errno;
    return exit_status(status);
}

int clinux_inotify_create(void) { RETRY(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }
int clinux_inotify_watch_folder(int fd, const char *path) {
    RETRY(inotify_add_watch(
        fd, path,
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR));
}
