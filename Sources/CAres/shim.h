#pragma once
// c-ares as Swift sees it: what needs its structures, as functions with the prefix cares_.
#include <ares.h>
#include <stddef.h>
#include <sys/select.h>
#include <sys/time.h>

// A channel that asks the servers of resolv.conf, each `tries` times for `milliseconds`, and tells `changed` of its sockets.
static inline int cares_open(
    ares_channel *channel, int milliseconds, int tries, ares_sock_state_cb changed, void *data) {
    struct ares_options options = {0};
    options.timeout = milliseconds;
    options.tries = tries;
    options.sock_state_cb = changed;
    options.sock_state_cb_data = data;
    int library = ares_library_init(ARES_LIB_INIT_ALL);
    if (library != ARES_SUCCESS) return library;
    return ares_init_options(channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
}

// Asks for the addresses of both families, in the order of RFC 6724.
static inline void cares_ask(ares_channel channel, const char *name, ares_addrinfo_callback done, void *data) {
    struct ares_addrinfo_hints hints = {0};
    hints.ai_family = AF_UNSPEC;
    ares_getaddrinfo(channel, name, NULL, &hints, done, data);
}

// Milliseconds until it wants to be called again; -1 for never.
static inline long cares_wait(ares_channel channel) {
    struct timeval time;
    struct timeval *next = ares_timeout(channel, NULL, &time);
    return next ? next->tv_sec * 1000L + (next->tv_usec + 999) / 1000 : -1;
}

// Goes on with what has happened on a socket, or with what has run out of time.
static inline void cares_go_on(ares_channel channel, int socket, int readable, int writable) {
    ares_process_fd(channel, readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
}
