/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap.rs, src/capture/open.rs, src/capture/read.rs, src/capture/settings.rs, src/capture/stats.rs, src/capture/event.rs, src/capture/encode.rs, src/platform/fd_table.rs, src/capture/tables.rs, scap-sys/src/engine/stats.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <driver/capture_macro.h>
#include <driver/ppm_api_version.h>
#include <driver/ppm_events_public.h>
#include <libscap/engine/kmod/kmod_public.h>
#include <libscap/engine/modern_bpf/modern_bpf_public.h>
#include <libscap/engine/nodriver/nodriver_public.h>
#include <libscap/engine/savefile/savefile_public.h>
#include <libscap/engine/source_plugin/source_plugin_public.h>
#include <libscap/engine/test_input/test_input_public.h>
#include <libscap/metrics_v2.h>
#include <libscap/scap_cgroup_set.h>
#include <libscap/scap_const.h>
#include <libscap/scap_limits.h>
#include <libscap/scap_machine_info.h>
#include <libscap/scap_open.h>
#include <libscap/scap_platform_api.h>
#include <libscap/scap_procs.h>
#include <libscap/uthash_ext.h>

/*
 * Threads: one operating-system thread at a time uses a capture, a platform, a dumper or a conversion buffer;
 * different objects are independent. A callback may call functions on the object that calls it, except those that
 * close or free it; a function that needs the object while it is busy fails with an error.
 */

/** The oldest driver versions that this library works with. */
#define SCAP_MINIMUM_DRIVER_API_VERSION PPM_API_VERSION(10, 0, 0)
#define SCAP_MINIMUM_DRIVER_SCHEMA_VERSION PPM_API_VERSION(4, 3, 0)

typedef struct scap scap_t;
typedef struct ppm_evt_hdr scap_evt;
struct scap_platform;
struct scap_vtable;

/**
 * `scap_open_args.proc_scan_timeout_ms`: no limit.
 */
#define SCAP_PROC_SCAN_TIMEOUT_NONE 0

/**
 * `scap_open_args.proc_scan_log_interval_ms`: no progress messages.
 */
#define SCAP_PROC_SCAN_LOG_NONE 0

/**
 * The default size of a ring, in bytes.
 */
#define DEFAULT_DRIVER_BUFFER_BYTES_DIM ((8 * 1024) * 1024)

/**
 * The size of a user's or group's name in bytes, with the NUL.
 */
#define MAX_CREDENTIALS_STR_LEN 256

/**
 * Marks an entry of a capture file's user list as a user.
 */
#define USERBLOCK_TYPE_USER 0

/**
 * Marks an entry of a capture file's user list as a group.
 */
#define USERBLOCK_TYPE_GROUP 1

/**
 * The kind of a file descriptor.
 */
typedef enum scap_fd_type {
    SCAP_FD_UNINITIALIZED = -1,
    SCAP_FD_UNKNOWN = 0,
    SCAP_FD_FILE = 1,
    SCAP_FD_DIRECTORY = 2,
    SCAP_FD_IPV4_SOCK = 3,
    SCAP_FD_IPV6_SOCK = 4,
    SCAP_FD_IPV4_SERVSOCK = 5,
    SCAP_FD_IPV6_SERVSOCK = 6,
    SCAP_FD_FIFO = 7,
    SCAP_FD_UNIX_SOCK = 8,
    SCAP_FD_EVENT = 9,
    SCAP_FD_UNSUPPORTED = 10,
    SCAP_FD_SIGNALFD = 11,
    SCAP_FD_EVENTPOLL = 12,
    SCAP_FD_INOTIFY = 13,
    SCAP_FD_TIMERFD = 14,
    SCAP_FD_NETLINK = 15,
    SCAP_FD_FILE_V2 = 16,
    SCAP_FD_BPF = 17,
    SCAP_FD_USERFAULTFD = 18,
    SCAP_FD_IOURING = 19,
    SCAP_FD_MEMFD = 20,
    SCAP_FD_PIDFD = 21,
} scap_fd_type;

/**
 * A transport protocol.
 */
typedef enum scap_l4_proto {
    /**
     * Unknown.
     */
    SCAP_L4_UNKNOWN = 0,
    /**
     * Not applicable: the fd is not a socket.
     */
    SCAP_L4_NA = 1,
    /**
     * TCP.
     */
    SCAP_L4_TCP = 2,
    /**
     * UDP.
     */
    SCAP_L4_UDP = 3,
    /**
     * ICMP.
     */
    SCAP_L4_ICMP = 4,
    /**
     * Raw packets.
     */
    SCAP_L4_RAW = 5,
} scap_l4_proto;

/**
 * The kind of an interface's address in capture files.
 */
typedef enum scap_ifinfo_type {
    SCAP_II_UNKNOWN = 0,
    SCAP_II_IPV4 = 1,
    SCAP_II_IPV6 = 2,
    SCAP_II_IPV4_NOLINKSPEED = 3,
    SCAP_II_IPV6_NOLINKSPEED = 4,
} scap_ifinfo_type;

/**
 * Whether an event is the enter or the exit event of a call.
 */
typedef enum event_direction {
    SCAP_ED_IN = 0,
    SCAP_ED_OUT = 1,
} event_direction;

/**
 * Flags of an event in a capture file.
 */
typedef enum scap_dump_flags {
    /**
     * None.
     */
    SCAP_DF_NONE = 0,
    /**
     * The event changes the state and is not shown.
     */
    SCAP_DF_STATE_ONLY = 1,
    /**
     * Its parameters may be longer than 64 KiB.
     */
    SCAP_DF_LARGE = 4,
} scap_dump_flags;

/**
 * A buffer and its size.
 */
typedef struct scap_sized_buffer {
    void *buf;
    size_t size;
} scap_sized_buffer;

/**
 * A set of empty parameters: one bit each, the first parameter in the lowest bit.
 */
typedef uint64_t scap_empty_params_set;

/**
 * An IPv4 socket and its peer; addresses in network byte order, ports in host byte order.
 */
typedef struct scap_fdinfo_ipv4 {
    uint32_t sip;
    uint32_t dip;
    uint16_t sport;
    uint16_t dport;
    uint8_t l4proto;
} scap_fdinfo_ipv4;

/**
 * An IPv6 socket and its peer, in the same byte orders.
 */
typedef struct scap_fdinfo_ipv6 {
    uint32_t sip[4];
    uint32_t dip[4];
    uint16_t sport;
    uint16_t dport;
    uint8_t l4proto;
} scap_fdinfo_ipv6;

/**
 * A bound IPv4 socket without a peer.
 */
typedef struct scap_fdinfo_ipv4server {
    uint32_t ip;
    uint16_t port;
    uint8_t l4proto;
} scap_fdinfo_ipv4server;

/**
 * A bound IPv6 socket without a peer.
 */
typedef struct scap_fdinfo_ipv6server {
    uint32_t ip[4];
    uint16_t port;
    uint8_t l4proto;
} scap_fdinfo_ipv6server;

/**
 * A unix socket: the kernel addresses of both ends, and its path.
 */
typedef struct scap_fdinfo_unix {
    uint64_t source;
    uint64_t destination;
    char fname[SCAP_MAX_PATH_SIZE];
} scap_fdinfo_unix;

/**
 * A file: how it was opened (`PPM_O_*`), its path, its mount and its device.
 */
typedef struct scap_fdinfo_regular {
    uint32_t open_flags;
    char fname[SCAP_MAX_PATH_SIZE];
    uint32_t mount_id;
    uint32_t dev;
} scap_fdinfo_regular;

/**
 * The details of an fd; its type says which member is in use.
 */
typedef union scap_fdinfo_info {
    /**
     * `SCAP_FD_IPV4_SOCK`.
     */
    struct scap_fdinfo_ipv4 ipv4info;
    /**
     * `SCAP_FD_IPV6_SOCK`.
     */
    struct scap_fdinfo_ipv6 ipv6info;
    /**
     * `SCAP_FD_IPV4_SERVSOCK`.
     */
    struct scap_fdinfo_ipv4server ipv4serverinfo;
    /**
     * `SCAP_FD_IPV6_SERVSOCK`.
     */
    struct scap_fdinfo_ipv6server ipv6serverinfo;
    /**
     * `SCAP_FD_UNIX_SOCK`.
     */
    struct scap_fdinfo_unix unix_socket_info;
    /**
     * `SCAP_FD_FILE_V2`.
     */
    struct scap_fdinfo_regular regularinfo;
    /**
     * All other types: a name.
     */
    char fname[SCAP_MAX_PATH_SIZE];
} scap_fdinfo_info;

/**
 * A file descriptor.
 */
typedef struct scap_fdinfo {
    /**
     * Its number.
     */
    int64_t fd;
    /**
     * Its inode.
     */
    uint64_t ino;
    /**
     * Its kind.
     */
    enum scap_fd_type type;
    /**
     * Its details.
     */
    union scap_fdinfo_info info;
    /**
     * Its handle in a uthash table.
     */
    UT_hash_handle hh;
} scap_fdinfo;

/**
 * A thread.
 */
typedef struct scap_threadinfo {
    /**
     * Its id.
     */
    uint64_t tid;
    /**
     * The id of its process, which is the tid of the main thread.
     */
    uint64_t pid;
    /**
     * The id of its parent.
     */
    uint64_t ptid;
    /**
     * Its session.
     */
    uint64_t sid;
    /**
     * Its process group in its own pid namespace.
     */
    uint64_t vpgid;
    /**
     * Its process group in the host's pid namespace.
     */
    uint64_t pgid;
    /**
     * Its name.
     */
    char comm[1025];
    /**
     * `argv[0]`.
     */
    char exe[1025];
    /**
     * The full path of its executable.
     */
    char exepath[1025];
    /**
     * Whether the user who runs it may write its executable.
     */
    bool exe_writable;
    /**
     * Whether its executable is on the upper layer of an overlayfs.
     */
    bool exe_upper_layer;
    /**
     * Whether its executable is on the lower layer of an overlayfs.
     */
    bool exe_lower_layer;
    /**
     * Whether its executable is a memfd.
     */
    bool exe_from_memfd;
    /**
     * The arguments after `argv[0]`, each ended by a NUL.
     */
    char args[4097];
    /**
     * The length of `args` in bytes.
     */
    uint16_t args_len;
    /**
     * The environment, each variable ended by a NUL.
     */
    char env[4097];
    /**
     * The length of `env` in bytes.
     */
    uint16_t env_len;
    /**
     * The working directory.
     */
    char cwd[1025];
    /**
     * How many files it may open (`RLIMIT_NOFILE`).
     */
    int64_t fdlimit;
    /**
     * `PPM_CL_*` flags.
     */
    uint32_t flags;
    /**
     * Its user id.
     */
    uint32_t uid;
    /**
     * Its group id.
     */
    uint32_t gid;
    /**
     * Its permitted capabilities.
     */
    uint64_t cap_permitted;
    /**
     * Its effective capabilities.
     */
    uint64_t cap_effective;
    /**
     * Its inheritable capabilities.
     */
    uint64_t cap_inheritable;
    /**
     * The inode of its executable.
     */
    uint64_t exe_ino;
    /**
     * When that inode last changed: nanoseconds since the epoch.
     */
    uint64_t exe_ino_ctime;
    /**
     * When that file was last modified: nanoseconds since the epoch.
     */
    uint64_t exe_ino_mtime;
    /**
     * From the inode's change to the thread's start, in nanoseconds.
     */
    uint64_t exe_ino_ctime_duration_clone_ts;
    /**
     * From the start of its pid namespace to the inode's change, in nanoseconds.
     */
    uint64_t exe_ino_ctime_duration_pidns_start;
    /**
     * Virtual memory, in KiB.
     */
    uint32_t vmsize_kb;
    /**
     * Resident memory, in KiB.
     */
    uint32_t vmrss_kb;
    /**
     * Swapped memory, in KiB.
     */
    uint32_t vmswap_kb;
    /**
     * Major page faults since its start.
     */
    uint64_t pfmajor;
    /**
     * Minor page faults since its start.
     */
    uint64_t pfminor;
    /**
     * Its id in its own pid namespace.
     */
    int64_t vtid;
    /**
     * The id of its process in its own pid namespace.
     */
    int64_t vpid;
    /**
     * When its pid namespace started: nanoseconds since the epoch.
     */
    uint64_t pidns_init_start_ts;
    /**
     * Its cgroups.
     */
    struct scap_cgroup_set cgroups;
    /**
     * Its root directory.
     */
    char root[1025];
    /**
     * A program's mark for a thread to leave out of a capture; this library sets 0 and does not read it.
     */
    int filtered_out;
    /**
     * Its fds: null or a table of uthash (`scap_fd_add`).
     */
    struct scap_fdinfo *fdlist;
    /**
     * When it was created: nanoseconds since the epoch.
     */
    uint64_t clone_ts;
    /**
     * Its controlling terminal, as a device number.
     */
    uint32_t tty;
    /**
     * The login uid.
     */
    uint32_t loginuid;
    /**
     * Its handle in a uthash table.
     */
    UT_hash_handle hh;
} scap_threadinfo;

/**
 * A mount and its device.
 */
typedef struct scap_mountinfo {
    /**
     * The mount's id in /proc/self/mountinfo.
     */
    uint64_t mount_id;
    /**
     * The device's number.
     */
    uint32_t dev;
    /**
     * Its handle in a uthash table.
     */
    UT_hash_handle hh;
} scap_mountinfo;

/**
 * An IPv4 address of an interface; addresses in network byte order.
 */
typedef struct __attribute__((packed)) scap_ifinfo_ipv4 {
    /**
     * A `scap_ifinfo_type`.
     */
    uint16_t type;
    /**
     * The length of the name in bytes.
     */
    uint16_t ifnamelen;
    /**
     * The address.
     */
    uint32_t addr;
    /**
     * Its netmask.
     */
    uint32_t netmask;
    /**
     * Its broadcast address.
     */
    uint32_t bcast;
    /**
     * In bits per second; 0 if unknown.
     */
    uint64_t linkspeed;
    /**
     * The interface's name.
     */
    char ifname[SCAP_MAX_PATH_SIZE];
} scap_ifinfo_ipv4;

/**
 * An IPv6 address of an interface.
 */
typedef struct __attribute__((packed)) scap_ifinfo_ipv6 {
    /**
     * A `scap_ifinfo_type`.
     */
    uint16_t type;
    /**
     * The length of the name in bytes.
     */
    uint16_t ifnamelen;
    /**
     * The address.
     */
    char addr[SCAP_IPV6_ADDR_LEN];
    /**
     * Its netmask.
     */
    char netmask[SCAP_IPV6_ADDR_LEN];
    /**
     * Its broadcast address.
     */
    char bcast[SCAP_IPV6_ADDR_LEN];
    /**
     * In bits per second; 0 if unknown.
     */
    uint64_t linkspeed;
    /**
     * The interface's name.
     */
    char ifname[SCAP_MAX_PATH_SIZE];
} scap_ifinfo_ipv6;

/**
 * The addresses of a machine.
 */
typedef struct scap_addrlist {
    /**
     * How many IPv4 addresses there are.
     */
    uint32_t n_v4_addrs;
    /**
     * How many IPv6 addresses there are.
     */
    uint32_t n_v6_addrs;
    /**
     * Their size in a capture file, in bytes.
     */
    uint32_t totlen;
    /**
     * The IPv4 addresses.
     */
    struct scap_ifinfo_ipv4 *v4list;
    /**
     * The IPv6 addresses.
     */
    struct scap_ifinfo_ipv6 *v6list;
} scap_addrlist;

/**
 * A user of a machine.
 */
typedef struct scap_userinfo {
    uint32_t uid;
    uint32_t gid;
    char name[MAX_CREDENTIALS_STR_LEN];
    char homedir[SCAP_MAX_PATH_SIZE];
    char shell[SCAP_MAX_PATH_SIZE];
} scap_userinfo;

/**
 * A group of a machine.
 */
typedef struct scap_groupinfo {
    uint32_t gid;
    char name[MAX_CREDENTIALS_STR_LEN];
} scap_groupinfo;

/**
 * The users and groups of a machine.
 */
typedef struct scap_userlist {
    /**
     * How many users there are.
     */
    uint32_t nusers;
    /**
     * How many groups there are.
     */
    uint32_t ngroups;
    /**
     * Their size in a capture file, in bytes.
     */
    uint32_t totsavelen;
    /**
     * The users.
     */
    struct scap_userinfo *users;
    /**
     * The groups.
     */
    struct scap_groupinfo *groups;
} scap_userlist;

/**
 * A buffer that is only read, and its size.
 */
typedef struct scap_const_sized_buffer {
    const void *buf;
    size_t size;
} scap_const_sized_buffer;

/**
 * Counters of a capture.
 */
typedef struct scap_stats {
    /**
     * Events that the probe produced, with those that were lost.
     */
    uint64_t n_evts;
    /**
     * Events that were lost, for any reason.
     */
    uint64_t n_drops;
    /**
     * Events that were lost because a ring buffer was full. The following counters split some of them by event.
     */
    uint64_t n_drops_buffer;
    /**
     * Exit of clone, fork and similar calls.
     */
    uint64_t n_drops_buffer_clone_fork_exit;
    /**
     * Exit of execve.
     */
    uint64_t n_drops_buffer_execve_exit;
    /**
     * Enter of connect.
     */
    uint64_t n_drops_buffer_connect_enter;
    /**
     * Exit of connect.
     */
    uint64_t n_drops_buffer_connect_exit;
    /**
     * Enter of open and similar calls.
     */
    uint64_t n_drops_buffer_open_enter;
    /**
     * Exit of open and similar calls.
     */
    uint64_t n_drops_buffer_open_exit;
    /**
     * Exit of calls on directories and files.
     */
    uint64_t n_drops_buffer_dir_file_exit;
    /**
     * Exit of other calls of interest.
     */
    uint64_t n_drops_buffer_other_interest_exit;
    /**
     * Exit of close.
     */
    uint64_t n_drops_buffer_close_exit;
    /**
     * Exit of a thread.
     */
    uint64_t n_drops_buffer_proc_exit;
    /**
     * Events that were lost because they were too long for the driver (64 KiB).
     */
    uint64_t n_drops_scratch_map;
    /**
     * Events that were lost because memory could not be read.
     */
    uint64_t n_drops_pf;
    /**
     * Events that were lost to a bug in the driver.
     */
    uint64_t n_drops_bug;
    /**
     * System calls and tracepoints that the probe missed because its program was already running on the same CPU.
     */
    uint64_t n_preemptions;
    /**
     * Events of suppressed threads.
     */
    uint64_t n_suppressed;
    /**
     * Threads that are suppressed.
     */
    uint64_t n_tids_suppressed;
} scap_stats;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Allocates a capture that is not open yet. The caller owns it and frees it with `scap_close`, or with `scap_deinit` and
 * `scap_free`.
 */
scap_t *scap_alloc(void);

/**
 * Opens an engine in a capture made by `scap_alloc`. After a failure `scap_getlasterr` returns the cause, and the capture can only
 * be freed.
 * The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
 */
int32_t scap_init(scap_t *handle,
                  scap_open_args *oargs,
                  const struct scap_vtable *vtable);

/**
 * Allocates a capture and opens an engine in it. The caller owns it and frees it with `scap_close`.
 *
 * On a failure returns null, `*rc` has the code, and `error` (`SCAP_LASTERR_SIZE` bytes) the text; both may be null.
 * The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
 */
scap_t *scap_open(scap_open_args *oargs, const struct scap_vtable *vtable, char *error, int32_t *rc);

/**
 * Closes the engine of a capture. A callback of that capture must not call it, because the engine is still in use.
 * `handle` is null or a valid capture on which no other function is running.
 */
void scap_deinit(scap_t *handle);

/**
 * Frees a capture after `scap_deinit`.
 * `handle` is null or a valid capture, which is not used afterwards.
 */
void scap_free(scap_t *handle);

/**
 * Closes the engine of a capture and frees the capture. A callback of that capture must not call it.
 * `handle` is null or a valid capture on which no other function is running, and which is not used afterwards.
 */
void scap_close(scap_t *handle);

/**
 * Returns the text of the last error of a capture; the buffer lives as long as the capture.
 * `handle` is null or a valid capture.
 */
const char *scap_getlasterr(scap_t *handle);

/**
 * Reads the next event.
 *
 * `SCAP_SUCCESS`: `*pevent` is the event, which belongs to the capture and is valid until the next call; `*pcpuid` is the device
 * that it came from, `*pflags` its `scap_dump_flags`. `SCAP_TIMEOUT`, `SCAP_FILTERED_EVENT`: no event now, try again. `SCAP_EOF`:
 * the end of the input. `SCAP_UNEXPECTED_BLOCK`: a new section starts; call `scap_restart_capture`. Anything else is an error: see
 * `scap_getlasterr`.
 * `handle` is null or a valid capture; the other pointers are null or valid.
 */
int32_t scap_next(scap_t *handle,
                  scap_evt **pevent,
                  uint16_t *pcpuid,
                  uint32_t *pflags);

/**
 * Returns how many events `scap_next` has returned.
 * `handle` is null or a valid capture.
 */
uint64_t scap_event_get_num(scap_t *handle);

/**
 * Returns the `scap_dump_flags` of the last event; 0 for a live one.
 * `handle` is null or a valid capture.
 */
uint32_t scap_event_get_dump_flags(scap_t *handle);

/**
 * Continues after `SCAP_UNEXPECTED_BLOCK`: reads the blocks before the events of the file's new section. Returns a `SCAP_*` code.
 * `handle` is null or a valid capture.
 */
uint32_t scap_restart_capture(scap_t *handle);

/**
 * Returns how much of a capture file was read, in bytes as stored on disk; -1 if the capture is not a file.
 * `handle` is null or a valid capture.
 */
int64_t scap_get_readfile_offset(scap_t *handle);

/**
 * Returns where the next read of a capture file begins, in uncompressed bytes; 0 if the capture is not a file.
 * `handle` is null or a valid capture.
 */
uint64_t scap_ftell(scap_t *handle);

/**
 * Goes to an offset that `scap_ftell` returned; does nothing if the capture is not a file.
 * `handle` is null or a valid capture.
 */
void scap_fseek(scap_t *handle, uint64_t off);

/**
 * Returns `SCAP_NOT_SUPPORTED`: no engine gives access to its rings.
 * `handle` is null or a valid capture.
 */
int32_t scap_readbuf(scap_t *handle, uint32_t _cpuid, char **_buf, uint32_t *_len);

/**
 * Starts capturing events.
 * `handle` is null or a valid capture.
 */
int32_t scap_start_capture(scap_t *handle);

/**
 * Stops capturing events, until `scap_start_capture`.
 * `handle` is null or a valid capture.
 */
int32_t scap_stop_capture(scap_t *handle);

/**
 * Ends the dropping mode: every event is captured again.
 * `handle` is null or a valid capture.
 */
int32_t scap_stop_dropping_mode(scap_t *handle);

/**
 * Starts the dropping mode: system calls marked `UF_NEVER_DROP` are always captured, `UF_ALWAYS_DROP` never, all others in the
 * first 1/`sampling_ratio` of every second. The ratio is a power of 2, at most 128.
 * `handle` is null or a valid capture.
 */
int32_t scap_start_dropping_mode(scap_t *handle,
                                 uint32_t sampling_ratio);

/**
 * Turns the dynamic snaplen on: the snaplen depends on the port and the first bytes of the data.
 * `handle` is null or a valid capture.
 */
int32_t scap_enable_dynamic_snaplen(scap_t *handle);

/**
 * Turns the dynamic snaplen off: all data has the snaplen of `scap_set_snaplen`.
 * `handle` is null or a valid capture.
 */
int32_t scap_disable_dynamic_snaplen(scap_t *handle);

/**
 * Sets the snaplen, the number of bytes of data that an event carries at most: up to 65535.
 * `handle` is null or a valid capture.
 */
int32_t scap_set_snaplen(scap_t *handle, uint32_t snaplen);

/**
 * Adds a system call or tracepoint to the captured ones, or removes it.
 * `handle` is null or a valid capture.
 */
int32_t scap_set_ppm_sc(scap_t *handle, ppm_sc_code ppm_sc, bool enabled);

/**
 * Drops the exit events of failed system calls, or captures them again.
 * `handle` is null or a valid capture.
 */
int32_t scap_set_dropfailed(scap_t *handle, bool enabled);

/**
 * Gives the data of ports from `range_start` to `range_end` a snaplen of at least 16000 bytes, with dynamic snaplen only; a
 * `range_end` of 0 ends that.
 * `handle` is null or a valid capture.
 */
int32_t scap_set_fullcapture_port_range(scap_t *handle,
                                        uint16_t range_start,
                                        uint16_t range_end);

/**
 * Sets the port of statsd: data to or from this port of a peer has a snaplen of at least 2000 bytes, with dynamic snaplen only. 0 ends that.
 * `handle` is null or a valid capture.
 */
int32_t scap_set_statsd_port(scap_t *handle,
                             uint16_t port);

/**
 * Gives a CPU a ring buffer of `bytes` bytes, a power of two and a multiple of the page size, at most 1 GiB, during a capture of the engine modern_bpf.
 * Nothing changes where it has one of that size or more. The events in the rings keep their order and are not lost, the last event stays valid, and
 * after an error the CPU has the ring that it had. To be called by the thread that calls `scap_next`: the rings are not read in the time that it takes,
 * tens of milliseconds, and 200 for 128 MiB, which the kernel clears.
 * `scap_get_stats_v2` has the drops of each CPU. Not in the reference.
 * `handle` is null or a valid capture.
 */
int32_t scap_grow_buffer(scap_t *handle,
                         uint32_t cpu,
                         uint64_t bytes);

/**
 * Writes the counters of a capture so far to `*stats`.
 * `handle` is null or a valid capture; `stats` is null or valid.
 */
int32_t scap_get_stats(scap_t *handle, struct scap_stats *stats);

/**
 * Returns an array of `*nstats` metrics of the `METRICS_V2_*` kinds in `flags`, which belongs to the capture and is valid until
 * the next call. `*rc` is the code; null on an error.
 * `handle` is null or a valid capture; `nstats` and `rc` are null or valid.
 */
const metrics_v2 *scap_get_stats_v2(scap_t *handle,
                                    uint32_t flags,
                                    uint32_t *nstats,
                                    int32_t *rc);

/**
 * Writes how many events each CPU produced to `ret`, which has one entry for each possible CPU, online or not.
 * `handle` is null or a valid capture; `ret` is null or has that room.
 */
int32_t scap_get_n_tracepoint_hit(scap_t *handle, long *ret);

/**
 * Returns the `ENGINE_FLAG_*` bits of a capture.
 * `handle` is null or a valid capture.
 */
uint64_t scap_get_engine_flags(scap_t *handle);

/**
 * Returns the number of devices (rings) that events come from; 1 if the engine does not say.
 * `handle` is null or a valid capture.
 */
uint32_t scap_get_ndevs(scap_t *handle);

/**
 * Returns the largest number of bytes that waited in a ring; 0 if the engine does not measure it: none of this library does.
 * `handle` is null or a valid capture.
 */
uint64_t scap_max_buf_used(scap_t *handle);

/**
 * Returns whether the capture's engine has this name.
 * `handle` is null or a valid capture; `engine_name` is null or a string.
 */
bool scap_check_current_engine(scap_t *handle, const char *engine_name);

/**
 * Returns the version of the driver's API; 0 without a driver.
 * `handle` is null or a valid capture.
 */
uint64_t scap_get_driver_api_version(scap_t *handle);

/**
 * Returns the version of the driver's schema, its event table; 0 without a driver.
 * `handle` is null or a valid capture.
 */
uint64_t scap_get_driver_schema_version(scap_t *handle);

/**
 * Returns where the host's root directory is mounted (the variable `HOST_ROOT`, read once); empty if the program runs on the host
 * itself. The text is static.
 */
const char *scap_get_host_root(void);

/**
 * Returns the length of an event in bytes; 0 for null.
 * `e` is null or points to an event.
 */
uint32_t scap_event_getlen(scap_evt *e);

/**
 * Returns the code of an event; 0 for null.
 * `e` is null or points to an event.
 */
uint16_t scap_event_get_type(scap_evt *e);

/**
 * Returns the time of an event: nanoseconds since the epoch; 0 for null.
 * `e` is null or points to an event.
 */
uint64_t scap_event_get_ts(scap_evt *e);

/**
 * Returns the tid of the thread that produced an event; 0 for null.
 * `e` is null or points to an event.
 */
uint64_t scap_event_get_tid(scap_evt *e);

/**
 * Returns how many parameters an event has; 0 for null.
 * `e` is null or points to an event.
 */
uint32_t scap_event_get_nparams(scap_evt *e);

/**
 * Returns an event's row of the event table, which is static; null for an unknown code.
 * `e` is null or points to an event.
 */
const struct ppm_event_info *scap_event_getinfo(const scap_evt *e);

/**
 * Returns 1 if the lengths of an event's parameters take 32 bits each, else 0.
 * `e` is null or points to an event.
 */
uint32_t scap_event_has_large_payload(const scap_evt *e);

/**
 * Writes the address and size of each parameter of an event to `params`, which has room for `PPM_MAX_EVENT_PARAMS`. Returns how
 * many were written: those that the event table has; 0 for a malformed event. The addresses point into the event.
 * `e` is null or a complete event; `params` is null or has that room.
 */
uint32_t scap_event_decode_params(const scap_evt *e,
                                  struct scap_sized_buffer *params);

/**
 * Returns the event table, by code: `PPM_EVENT_MAX` rows, static.
 */
const struct ppm_event_info *scap_get_event_info_table(void);

/**
 * Returns the category of an event: its `EC_*` bits without those of its source. `EC_UNKNOWN` for an unknown code.
 */
enum ppm_event_category scap_get_syscall_category_from_event(ppm_event_code ev);

/**
 * Returns the source of an event: `EC_SYSCALL`, `EC_TRACEPOINT`, `EC_PLUGIN`, `EC_METAEVENT` or `EC_ITER`. `EC_UNKNOWN` for an
 * unknown code.
 */
enum ppm_event_category scap_get_event_category_from_event(ppm_event_code ev);

/**
 * Returns 1 if parameter `index` is in the set, else 0.
 * `set` is null or valid.
 */
int scap_empty_params_set_is_set(const scap_empty_params_set *set, int index);

/**
 * Writes the length of parameter `n` of an event whose lengths take 16 bits.
 * `event` is null, or has a header and room for more than `n` lengths.
 */
void scap_event_set_param_length_regular(scap_evt *event, uint32_t n, uint16_t len);

/**
 * Writes the length of parameter `n` of an event whose lengths take 32 bits.
 * `event` is null, or has a header and room for more than `n` lengths.
 */
void scap_event_set_param_length_large(scap_evt *event, uint32_t n, uint32_t len);

/**
 * Returns whether two events are equal. If not, `error` (`SCAP_LASTERR_SIZE` bytes, or null) takes the first difference. The times
 * are not compared if that of `expected` is `UINT64_MAX - 1`.
 * `curr` and `expected` are null or complete events; `error` is null or has that size.
 */
bool scap_compare_events(scap_evt *curr,
                         scap_evt *expected,
                         char *error);

/**
 * Returns which parameter of an enter event is the fd that the call uses; -1 if it uses none.
 */
int get_enter_event_fd_location(ppm_event_code etype);

/**
 * Returns which parameter of an exit event is the fd that the call uses; -1 if it uses none. The first parameter, the return
 * value, does not count.
 */
int get_exit_event_fd_location(ppm_event_code etype);

/**
 * Adds an fd to the table `fdlist` of a thread, which is null for one without fds. The fd stays the caller's and must live until
 * it is removed from the table (`HASH_DEL` of uthash). It must not be in the table already.
 * The pointers are null or valid; `fdlist` is null or a table made by this function or by uthash.
 */
int32_t scap_fd_add(struct scap_threadinfo *tinfo,
                    struct scap_fdinfo *fdinfo);

/**
 * Sets the bytes of `ppm_sc_array` (`PPM_SC_MAX` bytes) to 1 for system calls that change the state of threads or fds, else to 0.
 * `ppm_sc_array` is null or has that size.
 */
int scap_get_modifies_state_ppm_sc(uint8_t *ppm_sc_array);

/**
 * Sets the bytes of `events_array` (`PPM_EVENT_MAX` bytes) to 1 for the events of the system calls whose byte in `ppm_sc_array`
 * (`PPM_SC_MAX` bytes) is not 0, else to 0.
 * The arrays are null or have these sizes, and do not overlap.
 */
int scap_get_events_from_ppm_sc(const uint8_t *ppm_sc_array,
                                uint8_t *events_array);

/**
 * Sets the bytes of `ppm_sc_array` (`PPM_SC_MAX` bytes) to 1 for the system calls with an event whose byte in `events_array`
 * (`PPM_EVENT_MAX` bytes) is not 0, else to 0.
 * The arrays are null or have these sizes, and do not overlap.
 */
int scap_get_ppm_sc_from_events(const uint8_t *events_array,
                                uint8_t *ppm_sc_array);

/**
 * Returns the code of the system call `name`; `PPM_SC_UNKNOWN` if there is none.
 * `name` is null or a string.
 */
ppm_sc_code scap_ppm_sc_from_name(const char *name);

/**
 * Returns the code of the system call with this number on the library's architecture; `PPM_SC_UNKNOWN` if there is none.
 */
ppm_sc_code scap_native_id_to_ppm_sc(int native_id);

/**
 * Returns the number of a system call on the library's architecture; -1 if it has none.
 */
int scap_ppm_sc_to_native_id(ppm_sc_code sc_code);

/**
 * Returns the name of a system call, a static text; empty for an unused code, null for a code out of range.
 */
const char *scap_get_ppm_sc_name(ppm_sc_code sc);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/** Empties a set, then sets the bits of `n` parameters, whose indices (int, below 64) follow. */
void scap_empty_params_set_init(scap_empty_params_set *set, int n, ...);

/** Declares a set of empty parameters, from their indices. */
#define SCAP_EMPTY_PARAMS_SET(set_name, ...)                                                       \
    scap_empty_params_set set_name = 0;                                                            \
    {                                                                                              \
        const int set_name##_indices[] = {__VA_ARGS__};                                            \
        scap_empty_params_set_init(&set_name,                                                      \
                                   (int)(sizeof(set_name##_indices) / sizeof(*set_name##_indices)), \
                                   __VA_ARGS__);                                                   \
    }

/**
 * Encodes an event of type `event_type` with `n` parameters, which follow: numbers as numbers of the parameter's type, strings
 * (PT_CHARBUF, PT_FSPATH, PT_FSRELPATH) as `const char *`, everything else as `struct scap_const_sized_buffer`.
 *
 * SCAP_SUCCESS: the event is in `event_buf`, whose `ts` and `tid` are left unchanged. SCAP_INPUT_TOO_SMALL: `*event_size` is the
 * size in bytes that is needed. On any error, `error` (SCAP_LASTERR_SIZE bytes, or null) takes its text.
 */
int32_t scap_event_encode_params(struct scap_sized_buffer event_buf,
                                 size_t *event_size,
                                 char *error,
                                 ppm_event_code event_type,
                                 uint32_t n,
                                 ...);

/** The same, with the parameters in `empty_params_set` empty; their arguments are passed too, and strings must be valid. */
int32_t scap_event_encode_params_with_empty_params(struct scap_sized_buffer event_buf,
                                                   size_t *event_size,
                                                   char *error,
                                                   ppm_event_code event_type,
                                                   const scap_empty_params_set *empty_params_set,
                                                   uint32_t n,
                                                   ...);

/** The same, with the parameters in a va_list. */
int32_t scap_event_encode_params_v(struct scap_sized_buffer event_buf,
                                   size_t *event_size,
                                   char *error,
                                   ppm_event_code event_type,
                                   const scap_empty_params_set *empty_params_set,
                                   uint32_t n,
                                   va_list args);

/** Makes an event in new memory, which the caller frees with `free`. Returns null on an error, whose text goes to `error`. */
scap_evt *scap_create_event(char *error, uint64_t ts, uint64_t tid, ppm_event_code event_type, uint32_t n, ...);

/** The same, with the parameters in `empty_params_set` empty; their arguments are passed too, and strings must be valid. */
scap_evt *scap_create_event_with_empty_params(char *error,
                                              uint64_t ts,
                                              uint64_t tid,
                                              ppm_event_code event_type,
                                              const scap_empty_params_set *empty_params_set,
                                              uint32_t n,
                                              ...);

/** The same, with the parameters in a va_list. */
scap_evt *scap_create_event_v(char *error,
                              uint64_t ts,
                              uint64_t tid,
                              ppm_event_code event_type,
                              const scap_empty_params_set *empty_params_set,
                              uint32_t n,
                              va_list args);

#ifdef __cplusplus
}
#endif
