// Kernel interfaces that Swift's Glibc module does not show (they need _GNU_SOURCE), and structures whose layout only C
// knows (sockaddr, cmsghdr, epoll_event). Every function retries EINTR and returns a result >= 0 or a negated errno, so
// that no Swift code runs between a call and the reading of its error.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// An IP address and port in one plain value. `high`/`low` hold the address as big-endian numbers; an IPv4 address is the
/// low 32 bits. `family` is 4, 6, or 0 for anything that is not IP.
struct clinux_address {
    uint64_t high;
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
};

/// What epoll_wait reports; the same memory layout as the kernel's (packed on x86-64), read through accessors.
struct clinux_event {
    uint32_t events;
    uint64_t data;
};

int clinux_close(int fd);
int clinux_duplicate(int fd);
int clinux_open_path(const char *path, int flags);
ssize_t clinux_read(int fd, void *buffer, size_t count);
ssize_t clinux_write(int fd, const void *buffer, size_t count);
/// `vectors` are laid out as struct iovec.
ssize_t clinux_readv(int fd, const void *vectors, int count);
/// Never raises SIGPIPE.
ssize_t clinux_sendv(int fd, const void *vectors, size_t count);
ssize_t clinux_send(int fd, const void *buffer, size_t count);
ssize_t clinux_receive(int fd, void *buffer, size_t count);
ssize_t clinux_receive_from(int fd, void *buffer, size_t count, struct clinux_address *from);
ssize_t clinux_send_to(int fd, const void *buffer, size_t count, const struct clinux_address *to);
ssize_t clinux_peek(int fd, void *buffer, size_t count);

/// Nonblocking, close-on-exec. `family` is 4 or 6; `type` 1 stream, 2 datagram.
int clinux_socket(int family, int type);
int clinux_socketpair(int fds[2], int sequenced);
int clinux_bind(int fd, const struct clinux_address *address);
int clinux_listen(int fd, int backlog);
int clinux_connect(int fd, const struct clinux_address *address);
int clinux_accept(int fd, struct clinux_address *peer);
int clinux_local_address(int fd, struct clinux_address *address);
int clinux_peer_address(int fd, struct clinux_address *address);
/// Where the connection went before a nftables redirect; `family` chooses the table.
int clinux_original_destination(int fd, int family, struct clinux_address *address);
/// `how`: 0 read, 1 write, 2 both.
int clinux_shutdown(int fd, int how);
/// The pending error as a positive errno, 0 for none, or a negated errno of the call itself.
int clinux_socket_error(int fd);

/// 1 or 0, or a negated errno.
int clinux_socket_is_listening(int fd);
int clinux_socket_is_datagram(int fd);
/// A descriptor of the network namespace that the socket was made in (SIOCGSKNS). Needs CAP_NET_ADMIN there.
int clinux_socket_namespace(int fd);
int clinux_socket_namespace_cookie(int fd, uint64_t *cookie);
int clinux_set_close_on_exec(int fd);

int clinux_set_no_delay(int fd, int on);
int clinux_set_keep_alive(int fd, int idle, int interval, int count);
int clinux_set_mark(int fd, uint32_t mark);
int clinux_get_mark(int fd, uint32_t *mark);
int clinux_set_transparent(int fd, int family);
/// 1 or 0, or a negated errno.
int clinux_get_transparent(int fd, int family);
int clinux_set_freebind(int fd, int family);
int clinux_set_bind_address_no_port(int fd);
int clinux_set_reuse_address(int fd, int on);
int clinux_set_reuse_port(int fd, int on);
int clinux_set_v6_only(int fd, int on);
int clinux_set_buffer_sizes(int fd, int send_bytes, int receive_bytes);
/// Bytes that were sent and not acknowledged yet (SIOCOUTQ), or a negated errno.
int clinux_unacknowledged(int fd);
/// The next close sends RST instead of FIN.
int clinux_set_reset_on_close(int fd);

/// A listening SOCK_SEQPACKET unix socket at `path` (nonblocking), or a connected one.
int clinux_unix_listen(const char *path, int type, int backlog);
int clinux_unix_connect(const char *path, int type);
/// The path that a unix socket is bound to, cut to `count` - 1 bytes.
int clinux_unix_path(int fd, char *path, size_t count);
int clinux_unix_accept(int fd);
/// Sends one message with at most one descriptor (-1 for none).
ssize_t clinux_send_message(int fd, const void *buffer, size_t count, int passed);
/// Receives one message; `*passed` is a descriptor that the caller now owns, or -1; more than one are closed but for the
/// first, and `*descriptors_sent` says how many came. A message longer than the buffer or one whose descriptors did not fit
/// is refused with EMSGSIZE, and its descriptors are closed.
ssize_t clinux_receive_message(int fd, void *buffer, size_t count, int *passed, int *descriptors_sent);
/// One datagram with at most one descriptor (-1 for none) to the socket that NOTIFY_SOCKET names; waits that long at most.
ssize_t clinux_notify(const char *path, const void *buffer, size_t count, int passed, int timeout_milliseconds);
int clinux_peer_credentials(int fd, uint32_t *pid, uint32_t *uid);

int clinux_epoll_create(void);
/// `operation`: 1 add, 2 delete, 3 modify.
int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data);
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds);
int clinux_eventfd(void);

int clinux_setns(int fd);
int clinux_unshare_network(void);
int clinux_namespace_identity(int fd, uint64_t *device, uint64_t *inode);
uint64_t clinux_monotonic_nanoseconds(void);
int64_t clinux_realtime_seconds(void);
int clinux_random(void *buffer, size_t count);
int clinux_get_descriptor_limit(uint64_t *soft, uint64_t *hard);
int clinux_set_descriptor_limit(uint64_t soft, uint64_t hard);

/// A descriptor that holds an exclusive lock on the file (made with mode 0600), or -EWOULDBLOCK if another process holds it.
int clinux_lock_file(const char *path);
/// Runs `path` as a child of init (or of the nearest subreaper) with `passed` as its descriptor 3; SIGALRM ends it after
/// `seconds` unless it takes that back. A program that cannot be run shows by closing `passed`.
int clinux_start_detached(
    const char *path, char *const arguments[], char *const environment[], int passed, unsigned seconds);
/// SIGALRM after `seconds`; 0 takes it back.
void clinux_alarm(unsigned seconds);
/// 1 if the descriptor is readable or at its end, 0 if the time has passed.
int clinux_wait_readable(int fd, int timeout_milliseconds);
/// Starts `argv[0]` (looked up in PATH) with nothing as its input, and returns the readable end of what it prints (output and
/// errors, nonblocking) or a negated errno. `*pid` must be reaped.
int clinux_spawn(char *const argv[], pid_t *pid);
/// A descriptor that is readable once the process has ended.
int clinux_process_handle(pid_t pid);
/// Collects a process that has ended: its exit status, 128 plus the signal that ended it, or -EAGAIN while it runs.
int clinux_collect(pid_t pid);
void clinux_kill_process(pid_t pid);
/// Waits for the process and kills it when the time is over; its exit status, or 128 plus the signal that ended it.
int clinux_reap(pid_t pid, int timeout_milliseconds, int *killed);

int clinux_inotify_create(void);
/// Watches for files that come, go and are written in a folder, and for its own end.
int clinux_inotify_watch_folder(int fd, const char *path);

/// Anonymous memory that is given back to the kernel as soon as it is unmapped. Null when there is none.
void *clinux_map(size_t count);
void clinux_unmap(void *base, size_t count);
/// Keeps the mapping, drops its pages.
void clinux_drop_pages(void *base, size_t count);
/// Gives free heap pages back to the kernel.
void clinux_trim_heap(void);
/* Unmaps the clean file pages of the program's code; they come back from the page cache when they are used. */
void clinux_drop_program_pages(void);
uint64_t clinux_heap_bytes_in_use(void);
size_t clinux_allocation_size(const void *pointer);

/// Starts a joinable thread called `name` with all signals blocked, or returns a negated errno.
int clinux_thread_start(uint64_t *thread, const char *name, void (*body)(void *), void *argument);
/// Gives the calling thread a descriptor table of its own that holds 0, 1 and 2 only (Linux 5.9).
int clinux_leave_descriptor_table(void);
int clinux_thread_join(uint64_t thread);
uint64_t clinux_thread_current(void);
void clinux_error_text(int number, char *buffer, size_t count);
const char *clinux_error_name(int number);
