/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap.rs, src/capture/handle.rs, src/capture/event.rs, src/capture/encode.rs, src/platform/scap_fds.rs, src/capture/tables.rs, scap-sys/src/engine/stats.rs. Change it there, then run: ./dev headers */

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
 * Threads. A capture, a platform, a dumper or a buffer for conversions is used by one operating-system thread at a time;
 * different ones do not know of each other.
 *
 * Callbacks may call functions on what calls them, which answer an error where that is at work, but must not end it.
 */

/* The oldest driver that this version works with. */
#define SCAP_MINIMUM_DRIVER_API_VERSION PPM_API_VERSION(10, 0, 0)
#define SCAP_MINIMUM_DRIVER_SCHEMA_VERSION PPM_API_VERSION(4, 3, 0)

typedef struct scap scap_t;
typedef struct ppm_evt_hdr scap_evt;
struct scap_platform;
struct scap_vtable;

/*
 `scap_open_args.proc_scan_timeout_ms`: the scan of /proc runs to its end.
 */
#define SCAP_PROC_SCAN_TIMEOUT_NONE 0

/*
 `scap_open_args.proc_scan_log_interval_ms`: the scan of /proc logs nothing.
 */
#define SCAP_PROC_SCAN_LOG_NONE 0

/*
 The size of a ring when nobody asks for another, in bytes.
 */
#define DEFAULT_DRIVER_BUFFER_BYTES_DIM ((8 * 1024) * 1024)

/*
 The size of a user's or group's name, the NUL included.
 */
#define MAX_CREDENTIALS_STR_LEN 256

/*
 An entry of a capture file's user list is a user.
 */
#define USERBLOCK_TYPE_USER 0

/*
 An entry of a capture file's user list is a group.
 */
#define USERBLOCK_TYPE_GROUP 1

/*
 The kind of a file descriptor.
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

/*
 A transport protocol.
 */
typedef enum scap_l4_proto {
    /*
     Not known.
     */
    SCAP_L4_UNKNOWN = 0,
    /*
     There is none: the fd is no socket.
     */
    SCAP_L4_NA = 1,
    /*
     TCP.
     */
    SCAP_L4_TCP = 2,
    /*
     UDP.
     */
    SCAP_L4_UDP = 3,
    /*
     ICMP.
     */
    SCAP_L4_ICMP = 4,
    /*
     Raw packets.
     */
    SCAP_L4_RAW = 5,
} scap_l4_proto;

/*
 The kind of an interface's address, as it stands in capture files.
 */
typedef enum scap_ifinfo_type {
    SCAP_II_UNKNOWN = 0,
    SCAP_II_IPV4 = 1,
    SCAP_II_IPV6 = 2,
    SCAP_II_IPV4_NOLINKSPEED = 3,
    SCAP_II_IPV6_NOLINKSPEED = 4,
} scap_ifinfo_type;

/*
 Whether an event is the enter or the exit of a call.
 */
typedef enum event_direction {
    SCAP_ED_IN = 0,
    SCAP_ED_OUT = 1,
} event_direction;

/*
 Flags of an event in a capture file.
 */
typedef enum scap_dump_flags {
    /*
     None.
     */
    SCAP_DF_NONE = 0,
    /*
     It changes the state and is not to be shown.
     */
    SCAP_DF_STATE_ONLY = 1,
    /*
     Its parameters may be longer than 64 KiB.
     */
    SCAP_DF_LARGE = 4,
} scap_dump_flags;

/*
 A buffer and its size.
 */
typedef struct scap_sized_buffer {
    void *buf;
    size_t size;
} scap_sized_buffer;

/*
 Which parameters are to be empty: a bit each, the first one in the lowest bit.
 */
typedef uint64_t scap_empty_params_set;

/*
 An IPv4 socket with its peer; addresses in network order, ports in the machine's.
 */
typedef struct scap_fdinfo_ipv4 {
    uint32_t sip;
    uint32_t dip;
    uint16_t sport;
    uint16_t dport;
    uint8_t l4proto;
} scap_fdinfo_ipv4;

/*
 An IPv6 socket with its peer.
 */
typedef struct scap_fdinfo_ipv6 {
    uint32_t sip[4];
    uint32_t dip[4];
    uint16_t sport;
    uint16_t dport;
    uint8_t l4proto;
} scap_fdinfo_ipv6;

/*
 A bound IPv4 socket without a peer.
 */
typedef struct scap_fdinfo_ipv4server {
    uint32_t ip;
    uint16_t port;
    uint8_t l4proto;
} scap_fdinfo_ipv4server;

/*
 A bound IPv6 socket without a peer.
 */
typedef struct scap_fdinfo_ipv6server {
    uint32_t ip[4];
    uint16_t port;
    uint8_t l4proto;
} scap_fdinfo_ipv6server;

/*
 A unix socket: the kernel addresses of both ends, and its path.
 */
typedef struct scap_fdinfo_unix {
    uint64_t source;
    uint64_t destination;
    char fname[SCAP_MAX_PATH_SIZE];
} scap_fdinfo_unix;

/*
 A file: how it was opened (`PPM_O_*`), its path, its mount and its device.
 */
typedef struct scap_fdinfo_regular {
    uint32_t open_flags;
    char fname[SCAP_MAX_PATH_SIZE];
    uint32_t mount_id;
    uint32_t dev;
} scap_fdinfo_regular;

/*
 What is known of an fd; its type tells which member is in use.
 */
typedef union scap_fdinfo_info {
    /*
     `SCAP_FD_IPV4_SOCK`.
     */
    struct scap_fdinfo_ipv4 ipv4info;
    /*
     `SCAP_FD_IPV6_SOCK`.
     */
    struct scap_fdinfo_ipv6 ipv6info;
    /*
     `SCAP_FD_IPV4_SERVSOCK`.
     */
    struct scap_fdinfo_ipv4server ipv4serverinfo;
    /*
     `SCAP_FD_IPV6_SERVSOCK`.
     */
    struct scap_fdinfo_ipv6server ipv6serverinfo;
    /*
     `SCAP_FD_UNIX_SOCK`.
     */
    struct scap_fdinfo_unix unix_socket_info;
    /*
     `SCAP_FD_FILE_V2`.
     */
    struct scap_fdinfo_regular regularinfo;
    /*
     All others: a name.
     */
    char fname[SCAP_MAX_PATH_SIZE];
} scap_fdinfo_info;

/*
 A file descriptor.
 */
typedef struct scap_fdinfo {
    /*
     Its number.
     */
    int64_t fd;
    /*
     Its inode.
     */
    uint64_t ino;
    /*
     Its kind.
     */
    enum scap_fd_type type;
    /*
     What is known of it.
     */
    union scap_fdinfo_info info;
    /*
     For whoever keeps it in a table.
     */
    UT_hash_handle hh;
} scap_fdinfo;

/*
 A thread.
 */
typedef struct scap_threadinfo {
    /*
     Its id.
     */
    uint64_t tid;
    /*
     The id of its process, which is the tid of the main thread.
     */
    uint64_t pid;
    /*
     The id of its parent.
     */
    uint64_t ptid;
    /*
     Its session.
     */
    uint64_t sid;
    /*
     Its process group, as its own pid namespace counts.
     */
    uint64_t vpgid;
    /*
     Its process group, as the host counts.
     */
    uint64_t pgid;
    /*
     Its name.
     */
    char comm[1025];
    /*
     `argv[0]`.
     */
    char exe[1025];
    /*
     The full path of its executable.
     */
    char exepath[1025];
    /*
     Whether the user who runs it may write its executable.
     */
    bool exe_writable;
    /*
     Whether its executable is on the upper layer of an overlayfs.
     */
    bool exe_upper_layer;
    /*
     Whether its executable is on the lower layer of an overlayfs.
     */
    bool exe_lower_layer;
    /*
     Whether its executable is a memfd.
     */
    bool exe_from_memfd;
    /*
     The arguments after `argv[0]`, each ended by a NUL.
     */
    char args[4097];
    /*
     The length of all arguments.
     */
    uint16_t args_len;
    /*
     The environment, each variable ended by a NUL.
     */
    char env[4097];
    /*
     The length of the environment.
     */
    uint16_t env_len;
    /*
     The working directory.
     */
    char cwd[1025];
    /*
     How many files it may open.
     */
    int64_t fdlimit;
    /*
     `PPM_CL_*` flags.
     */
    uint32_t flags;
    /*
     Its user.
     */
    uint32_t uid;
    /*
     Its group.
     */
    uint32_t gid;
    /*
     Its capabilities.
     */
    uint64_t cap_permitted;
    /*
     Its capabilities in force.
     */
    uint64_t cap_effective;
    /*
     The capabilities that it hands on.
     */
    uint64_t cap_inheritable;
    /*
     The inode of its executable.
     */
    uint64_t exe_ino;
    /*
     When that inode last changed: nanoseconds since the epoch.
     */
    uint64_t exe_ino_ctime;
    /*
     When that file was last modified: nanoseconds since the epoch.
     */
    uint64_t exe_ino_mtime;
    /*
     From the inode's change to the thread's start, in nanoseconds.
     */
    uint64_t exe_ino_ctime_duration_clone_ts;
    /*
     From the start of its pid namespace to the inode's change, in nanoseconds.
     */
    uint64_t exe_ino_ctime_duration_pidns_start;
    /*
     Virtual memory, in KiB.
     */
    uint32_t vmsize_kb;
    /*
     Resident memory, in KiB.
     */
    uint32_t vmrss_kb;
    /*
     Swapped memory, in KiB.
     */
    uint32_t vmswap_kb;
    /*
     Major page faults since its start.
     */
    uint64_t pfmajor;
    /*
     Minor page faults since its start.
     */
    uint64_t pfminor;
    /*
     Its id in its own pid namespace.
     */
    int64_t vtid;
    /*
     The id of its process in its own pid namespace.
     */
    int64_t vpid;
    /*
     When its pid namespace started: nanoseconds since the epoch.
     */
    uint64_t pidns_init_start_ts;
    /*
     Its cgroups.
     */
    struct scap_cgroup_set cgroups;
    /*
     Its root directory.
     */
    char root[1025];
    /*
     Not 0 if it is left out when a capture is written.
     */
    int filtered_out;
    /*
     Its fds, where whoever keeps it keeps them.
     */
    struct scap_fdinfo *fdlist;
    /*
     When it was created: nanoseconds since the epoch.
     */
    uint64_t clone_ts;
    /*
     Its controlling terminal, as a device number.
     */
    uint32_t tty;
    /*
     The login uid.
     */
    uint32_t loginuid;
    /*
     For whoever keeps it in a table.
     */
    UT_hash_handle hh;
} scap_threadinfo;

/*
 A mount and its device.
 */
typedef struct scap_mountinfo {
    /*
     As in /proc/self/mountinfo.
     */
    uint64_t mount_id;
    /*
     The device's number.
     */
    uint32_t dev;
    /*
     For whoever keeps it in a table.
     */
    UT_hash_handle hh;
} scap_mountinfo;

/*
 An IPv4 address of an interface; addresses in network order.
 */
typedef struct __attribute__((packed)) scap_ifinfo_ipv4 {
    /*
     A `scap_ifinfo_type`.
     */
    uint16_t type;
    /*
     The length of the name.
     */
    uint16_t ifnamelen;
    /*
     The address.
     */
    uint32_t addr;
    /*
     Its netmask.
     */
    uint32_t netmask;
    /*
     Its broadcast address.
     */
    uint32_t bcast;
    /*
     In bits per second; 0 where unknown.
     */
    uint64_t linkspeed;
    /*
     The interface.
     */
    char ifname[SCAP_MAX_PATH_SIZE];
} scap_ifinfo_ipv4;

/*
 An IPv6 address of an interface.
 */
typedef struct __attribute__((packed)) scap_ifinfo_ipv6 {
    /*
     A `scap_ifinfo_type`.
     */
    uint16_t type;
    /*
     The length of the name.
     */
    uint16_t ifnamelen;
    /*
     The address.
     */
    char addr[SCAP_IPV6_ADDR_LEN];
    /*
     Its netmask.
     */
    char netmask[SCAP_IPV6_ADDR_LEN];
    /*
     Its broadcast address.
     */
    char bcast[SCAP_IPV6_ADDR_LEN];
    /*
     In bits per second; 0 where unknown.
     */
    uint64_t linkspeed;
    /*
     The interface.
     */
    char ifname[SCAP_MAX_PATH_SIZE];
} scap_ifinfo_ipv6;

/*
 The addresses of a machine.
 */
typedef struct scap_addrlist {
    /*
     How many IPv4 addresses there are.
     */
    uint32_t n_v4_addrs;
    /*
     How many IPv6 addresses there are.
     */
    uint32_t n_v6_addrs;
    /*
     The bytes that they take in a capture file.
     */
    uint32_t totlen;
    /*
     The IPv4 addresses.
     */
    struct scap_ifinfo_ipv4 *v4list;
    /*
     The IPv6 addresses.
     */
    struct scap_ifinfo_ipv6 *v6list;
} scap_addrlist;

/*
 A user of a machine.
 */
typedef struct scap_userinfo {
    uint32_t uid;
    uint32_t gid;
    char name[MAX_CREDENTIALS_STR_LEN];
    char homedir[SCAP_MAX_PATH_SIZE];
    char shell[SCAP_MAX_PATH_SIZE];
} scap_userinfo;

/*
 A group of a machine.
 */
typedef struct scap_groupinfo {
    uint32_t gid;
    char name[MAX_CREDENTIALS_STR_LEN];
} scap_groupinfo;

/*
 The users and groups of a machine.
 */
typedef struct scap_userlist {
    /*
     How many users there are.
     */
    uint32_t nusers;
    /*
     How many groups there are.
     */
    uint32_t ngroups;
    /*
     The bytes that they take in a capture file.
     */
    uint32_t totsavelen;
    /*
     The users.
     */
    struct scap_userinfo *users;
    /*
     The groups.
     */
    struct scap_groupinfo *groups;
} scap_userlist;

/*
 A buffer that is only read, and its size.
 */
typedef struct scap_const_sized_buffer {
    const void *buf;
    size_t size;
} scap_const_sized_buffer;

/*
 Counters of a capture.
 */
typedef struct scap_stats {
    /*
     Events that the driver saw.
     */
    uint64_t n_evts;
    /*
     Events that were lost.
     */
    uint64_t n_drops;
    /*
     Events lost because a ring was full; the following count some of them by what they were.
     */
    uint64_t n_drops_buffer;
    /*
     The exit of clone, fork and their like.
     */
    uint64_t n_drops_buffer_clone_fork_exit;
    /*
     The exit of execve.
     */
    uint64_t n_drops_buffer_execve_exit;
    /*
     The enter of connect.
     */
    uint64_t n_drops_buffer_connect_enter;
    /*
     The exit of connect.
     */
    uint64_t n_drops_buffer_connect_exit;
    /*
     The enter of open and its like.
     */
    uint64_t n_drops_buffer_open_enter;
    /*
     The exit of open and its like.
     */
    uint64_t n_drops_buffer_open_exit;
    /*
     The exit of calls on directories and files.
     */
    uint64_t n_drops_buffer_dir_file_exit;
    /*
     The exit of other calls of interest.
     */
    uint64_t n_drops_buffer_other_interest_exit;
    /*
     The exit of close.
     */
    uint64_t n_drops_buffer_close_exit;
    /*
     The end of a thread.
     */
    uint64_t n_drops_buffer_proc_exit;
    /*
     Events lost because the space to build them in was full.
     */
    uint64_t n_drops_scratch_map;
    /*
     Events lost because memory could not be read.
     */
    uint64_t n_drops_pf;
    /*
     Events lost to a bug in the driver.
     */
    uint64_t n_drops_bug;
    /*
     System calls and other moments that the driver did not see, because it had been preempted on the same CPU.
     */
    uint64_t n_preemptions;
    /*
     Events left out because their thread is suppressed.
     */
    uint64_t n_suppressed;
    /*
     Threads that are suppressed.
     */
    uint64_t n_tids_suppressed;
} scap_stats;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Makes a capture that is not open yet. Owned by the caller, who ends it with `scap_close`, or with `scap_deinit` and
 `scap_free`.
 */
scap_t *scap_alloc(void);

/*
 Opens an engine in a capture made by `scap_alloc`. After a failure `scap_getlasterr` tells the cause, and the only thing
 left to do with the capture is to end it.

 # Safety
 The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
 */
int32_t scap_init(scap_t *handle,
                  scap_open_args *oargs,
                  const struct scap_vtable *vtable);

/*
 Makes a capture and opens an engine in it. Owned by the caller, who ends it with `scap_close`.

 After a failure the answer is null, `*rc` has the code, and `error` (`SCAP_LASTERR_SIZE` bytes) the text; both may be null.

 # Safety
 The pointers are null or valid; `vtable` and the texts it points to live as long as the capture.
 */
scap_t *scap_open(scap_open_args *oargs,
                  const struct scap_vtable *vtable,
                  char *error,
                  int32_t *rc);

/*
 Closes the engine of a capture. Not from within a callback of that capture, whose work goes on afterwards.

 # Safety
 `handle` is null or a capture on which no other function is running.
 */
void scap_deinit(scap_t *handle);

/*
 Frees a capture after `scap_deinit`.

 # Safety
 `handle` is null or a capture, which is not used afterwards.
 */
void scap_free(scap_t *handle);

/*
 Closes the engine of a capture and frees the capture. Not from within a callback of that capture, whose work goes on afterwards.

 # Safety
 `handle` is null or a capture on which no other function is running, and is not used afterwards.
 */
void scap_close(scap_t *handle);

/*
 The text of the last error of a capture; lives as long as the capture.

 # Safety
 `handle` is null or a capture.
 */
const char *scap_getlasterr(scap_t *handle);

/*
 Goes to the next event.

 `SCAP_SUCCESS`: the event is at `*pevent` and belongs to the capture; it lives until the next call. `*pcpuid` is the device
 it came from, `*pflags` its `scap_dump_flags`. `SCAP_TIMEOUT`: nothing yet, try again. `SCAP_FILTERED_EVENT`: try again.
 `SCAP_EOF`: the input is at its end. `SCAP_UNEXPECTED_BLOCK`: a new section starts, which `scap_restart_capture` goes on
 with. Anything else: `scap_getlasterr` tells the cause.

 # Safety
 `handle` is null or a capture; the other pointers are null or valid.
 */
int32_t scap_next(scap_t *handle,
                  scap_evt **pevent,
                  uint16_t *pcpuid,
                  uint32_t *pflags);

/*
 How many events `scap_next` has brought.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_event_get_num(scap_t *handle);

/*
 The `scap_dump_flags` of the last event; 0 for a live one.

 # Safety
 `handle` is null or a capture.
 */
uint32_t scap_event_get_dump_flags(scap_t *handle);

/*
 After `SCAP_UNEXPECTED_BLOCK`: reads what the new section of a file says of the system, and goes on with its events.

 # Safety
 `handle` is null or a capture.
 */
uint32_t scap_restart_capture(scap_t *handle);

/*
 Lets events through.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_start_capture(scap_t *handle);

/*
 Holds events back, until `scap_start_capture`.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_stop_capture(scap_t *handle);

/*
 The counters of a capture so far.

 # Safety
 `handle` is null or a capture; `stats` is null or valid.
 */
int32_t scap_get_stats(scap_t *handle, struct scap_stats *stats);

/*
 The metrics of the `METRICS_V2_*` kinds in `flags`: an array of `*nstats`, which belongs to the capture and lives until the
 next call. `*rc` is the code.

 # Safety
 `handle` is null or a capture; `nstats` and `rc` are null or valid.
 */
const metrics_v2 *scap_get_stats_v2(scap_t *handle,
                                    uint32_t flags,
                                    uint32_t *nstats,
                                    int32_t *rc);

/*
 How far a capture file is read, in bytes as they lie on the disk; -1 if the capture is no file.

 # Safety
 `handle` is null or a capture.
 */
int64_t scap_get_readfile_offset(scap_t *handle);

/*
 Where the next read of a capture file begins, in uncompressed bytes; 0 if the capture is no file.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_ftell(scap_t *handle);

/*
 Goes to an offset that `scap_ftell` gave.

 # Safety
 `handle` is null or a capture.
 */
void scap_fseek(scap_t *handle, uint64_t off);

/*
 Captures every event again, after `scap_start_dropping_mode`.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_stop_dropping_mode(scap_t *handle);

/*
 Captures what changes the state, and of the rest one event in `sampling_ratio` (a power of 2, 128 at most).

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_start_dropping_mode(scap_t *handle, uint32_t sampling_ratio);

/*
 Lets the length of captured data follow the protocol.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_enable_dynamic_snaplen(scap_t *handle);

/*
 Captures the same length of data of every protocol.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_disable_dynamic_snaplen(scap_t *handle);

/*
 Sets how many bytes of data an event carries.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_set_snaplen(scap_t *handle, uint32_t snaplen);

/*
 Captures a system call or tracepoint, or no more.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_set_ppm_sc(scap_t *handle, ppm_sc_code ppm_sc, bool enabled);

/*
 Leaves out the exit of system calls that failed, or captures them again.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_set_dropfailed(scap_t *handle, bool enabled);

/*
 Captures the data of ports from `range_start` to `range_end` whole.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_set_fullcapture_port_range(scap_t *handle, uint16_t range_start, uint16_t range_end);

/*
 Says which port statsd has.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_set_statsd_port(scap_t *handle, uint16_t port);

/*
 How many events each CPU made: `ret` has room for as many numbers as there are possible CPUs, online or not.

 # Safety
 `handle` is null or a capture; `ret` is null or has that room.
 */
int32_t scap_get_n_tracepoint_hit(scap_t *handle, long *ret);

/*
 The `ENGINE_FLAG_*` bits of a capture.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_get_engine_flags(scap_t *handle);

/*
 How many devices, or rings, events come from.

 # Safety
 `handle` is null or a capture.
 */
uint32_t scap_get_ndevs(scap_t *handle);

/*
 The most bytes that ever waited in a ring.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_max_buf_used(scap_t *handle);

/*
 No engine hands out its rings: answers `SCAP_NOT_SUPPORTED`.

 # Safety
 `handle` is null or a capture.
 */
int32_t scap_readbuf(scap_t *handle, uint32_t _cpuid, char **_buf, uint32_t *_len);

/*
 Whether the capture's engine has this name.

 # Safety
 `handle` is null or a capture; `engine_name` is null or a string.
 */
bool scap_check_current_engine(scap_t *handle, const char *engine_name);

/*
 The version of the driver's interface; 0 where there is no driver.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_get_driver_api_version(scap_t *handle);

/*
 The version of the driver's event table; 0 where there is no driver.

 # Safety
 `handle` is null or a capture.
 */
uint64_t scap_get_driver_schema_version(scap_t *handle);

/*
 Where the host's root directory is mounted (the variable `HOST_ROOT`); empty where the program runs on the host itself. Read
 once.
 */
const char *scap_get_host_root(void);

/*
 The length of an event, in bytes.

 # Safety
 `e` is null or an event.
 */
uint32_t scap_event_getlen(scap_evt *e);

/*
 The code of an event.

 # Safety
 `e` is null or an event.
 */
uint16_t scap_event_get_type(scap_evt *e);

/*
 When an event happened: nanoseconds since the epoch.

 # Safety
 `e` is null or an event.
 */
uint64_t scap_event_get_ts(scap_evt *e);

/*
 The thread that made an event.

 # Safety
 `e` is null or an event.
 */
uint64_t scap_event_get_tid(scap_evt *e);

/*
 How many parameters an event carries.

 # Safety
 `e` is null or an event.
 */
uint32_t scap_event_get_nparams(scap_evt *e);

/*
 The row of the event table for an event; null for a code that this version does not know.

 # Safety
 `e` is null or an event.
 */
const struct ppm_event_info *scap_event_getinfo(const scap_evt *e);

/*
 1 if the lengths of an event's parameters take 32 bits each, else 0.

 # Safety
 `e` is null or an event.
 */
uint32_t scap_event_has_large_payload(const scap_evt *e);

/*
 Writes where the parameters of an event are to `params`, which has room for `PPM_MAX_EVENT_PARAMS`. Answers how many there
 are that the event table knows; 0 for an event that does not hold together.

 # Safety
 `e` is null or an event; `params` is null or has that room.
 */
uint32_t scap_event_decode_params(const scap_evt *e,
                                  struct scap_sized_buffer *params);

/*
 The event table, by code: `PPM_EVENT_MAX` rows.
 */
const struct ppm_event_info *scap_get_event_info_table(void);

/*
 What an event is about: its `EC_*` bits without those that say what it comes from. `EC_UNKNOWN` for an unknown code.
 */
enum ppm_event_category scap_get_syscall_category_from_event(ppm_event_code ev);

/*
 What an event comes from: `EC_SYSCALL`, `EC_TRACEPOINT`, `EC_PLUGIN`, `EC_METAEVENT` or `EC_ITER`. `EC_UNKNOWN` for an
 unknown code.
 */
enum ppm_event_category scap_get_event_category_from_event(ppm_event_code ev);

/*
 1 if a parameter is to be empty, else 0.

 # Safety
 `set` is null or valid.
 */
int scap_empty_params_set_is_set(const scap_empty_params_set *set, int index);

/*
 Writes the length of parameter `n` of an event whose lengths take 16 bits.

 # Safety
 `event` is null, or has room for more than `n` lengths.
 */
void scap_event_set_param_length_regular(scap_evt *event, uint32_t n, uint16_t len);

/*
 Writes the length of parameter `n` of an event whose lengths take 32 bits.

 # Safety
 `event` is null, or has room for more than `n` lengths.
 */
void scap_event_set_param_length_large(scap_evt *event, uint32_t n, uint32_t len);

/*
 Whether two events are the same; `error` (`SCAP_LASTERR_SIZE` bytes) takes what is not. The time is not compared if that of
 `expected` is `UINT64_MAX - 1`.

 # Safety
 `curr` and `expected` are null or events; `error` is null or has that size.
 */
bool scap_compare_events(scap_evt *curr,
                         scap_evt *expected,
                         char *error);

/*
 Which parameter of an enter event is the fd that it uses; -1 if it uses none.
 */
int get_enter_event_fd_location(ppm_event_code etype);

/*
 Which parameter of an exit event is the fd that it uses; -1 if it uses none. What it returns, its first parameter, is not.
 */
int get_exit_event_fd_location(ppm_event_code etype);

/*
 Adds an fd to the table `fdlist` of a thread, which is null for one without fds. The fd stays the caller's, and lives until it
 is taken out of the table (by uthash's `HASH_DEL`). It must not be in the table already.

 # Safety
 The pointers are null or valid; `fdlist` is null or a table made by this function or by uthash.
 */
int32_t scap_fd_add(struct scap_threadinfo *tinfo,
                    struct scap_fdinfo *fdinfo);

/*
 Sets in `ppm_sc_array` (`PPM_SC_MAX` bytes) which system calls change what is known of threads and fds.

 # Safety
 `ppm_sc_array` is null or has that size.
 */
int scap_get_modifies_state_ppm_sc(uint8_t *ppm_sc_array);

/*
 Sets in `events_array` (`PPM_EVENT_MAX` bytes) the events that the system calls set in `ppm_sc_array` (`PPM_SC_MAX` bytes)
 make.

 # Safety
 The arrays are null or have these sizes.
 */
int scap_get_events_from_ppm_sc(const uint8_t *ppm_sc_array,
                                uint8_t *events_array);

/*
 Sets in `ppm_sc_array` (`PPM_SC_MAX` bytes) the system calls that make an event set in `events_array` (`PPM_EVENT_MAX`
 bytes).

 # Safety
 The arrays are null or have these sizes.
 */
int scap_get_ppm_sc_from_events(const uint8_t *events_array, uint8_t *ppm_sc_array);

/*
 The code of the system call called `name`; `PPM_SC_UNKNOWN` if there is none.

 # Safety
 `name` is null or a string.
 */
ppm_sc_code scap_ppm_sc_from_name(const char *name);

/*
 The code of the system call with this number on the architecture that the library is built for; `PPM_SC_UNKNOWN` if there is
 none.
 */
ppm_sc_code scap_native_id_to_ppm_sc(int native_id);

/*
 The number of a system call on the architecture that the library is built for; -1 if it has none.
 */
int scap_ppm_sc_to_native_id(ppm_sc_code sc_code);

/*
 The name of a system call; empty for a code that is not in use, null for one out of range.
 */
const char *scap_get_ppm_sc_name(ppm_sc_code sc);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the bits of `n` parameters, whose indices follow. */
void scap_empty_params_set_init(scap_empty_params_set *set, int n, ...);

/* Declares a set of parameters that are to be empty. */
#define SCAP_EMPTY_PARAMS_SET(set_name, ...)                                                       \
    scap_empty_params_set set_name = 0;                                                            \
    {                                                                                              \
        const int set_name##_indices[] = {__VA_ARGS__};                                            \
        scap_empty_params_set_init(&set_name,                                                      \
                                   (int)(sizeof(set_name##_indices) / sizeof(*set_name##_indices)), \
                                   __VA_ARGS__);                                                   \
    }

/*
 * Makes an event of type `event_type` with `n` parameters, which follow: numbers as numbers of the parameter's type, strings
 * (PT_CHARBUF, PT_FSPATH, PT_FSRELPATH) as `const char *`, everything else as `struct scap_const_sized_buffer`.
 *
 * SCAP_SUCCESS: the event is in `event_buf`, but for its time and thread. SCAP_INPUT_TOO_SMALL: `*event_size` is the size that
 * is needed. Else `error` (SCAP_LASTERR_SIZE bytes, or null) tells the cause.
 */
int32_t scap_event_encode_params(struct scap_sized_buffer event_buf,
                                 size_t *event_size,
                                 char *error,
                                 ppm_event_code event_type,
                                 uint32_t n,
                                 ...);

/* The same; the arguments of the parameters in `empty_params_set` are not looked at. */
int32_t scap_event_encode_params_with_empty_params(struct scap_sized_buffer event_buf,
                                                   size_t *event_size,
                                                   char *error,
                                                   ppm_event_code event_type,
                                                   const scap_empty_params_set *empty_params_set,
                                                   uint32_t n,
                                                   ...);

/* The same, with the parameters in a list of arguments. */
int32_t scap_event_encode_params_v(struct scap_sized_buffer event_buf,
                                   size_t *event_size,
                                   char *error,
                                   ppm_event_code event_type,
                                   const scap_empty_params_set *empty_params_set,
                                   uint32_t n,
                                   va_list args);

/* Makes an event in memory of its own, which the caller ends with `free`; null on an error. */
scap_evt *scap_create_event(char *error, uint64_t ts, uint64_t tid, ppm_event_code event_type, uint32_t n, ...);

/* The same; the arguments of the parameters in `empty_params_set` are not looked at. */
scap_evt *scap_create_event_with_empty_params(char *error,
                                              uint64_t ts,
                                              uint64_t tid,
                                              ppm_event_code event_type,
                                              const scap_empty_params_set *empty_params_set,
                                              uint32_t n,
                                              ...);

/* The same, with the parameters in a list of arguments. */
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
