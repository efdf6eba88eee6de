/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * libsinsp's C ABI.
 *
 * Ownership. What a function called _new, _open, _parse or _compile returns is the caller's, who ends it once with the _free function
 * of its type. Every other pointer or text that a function returns is borrowed: the bytes of an event until the next call of
 * sinsp_inspector_next, _open_*, _close or _free on its inspector; a text until the next function on the same operating-system thread that
 * returns a text, unless the function's description says otherwise.
 *
 * Numbers. Threads and thread groups are named by numbers, a file by its thread and its fd. A number may be kept: after a removal it finds
 * nothing. It is valid with the inspector that returned it only.
 *
 * Objects. After sinsp_inspector_set_stores the data of a thread or file are in an object of the program from the first call that returns
 * the object (sinsp_thread_object, sinsp_thread_fd_object). The library reads and writes the object by the program's functions, on the
 * operating-system thread that uses the inspector, and calls `release` once when it no longer needs it.
 *
 * Counts. An inspector lives until sinsp_inspector_free ends the last reference to it. A held entry of a table is such a reference:
 * sinsp_inspector_table describes how long entries, texts and fields are valid.
 *
 * Programs. A filter, a formatter or a field belongs to one inspector. An event of another inspector is an error. It may outlive the
 * inspector, and can then only be freed.
 *
 * Values. A field is compiled once by sinsp_extractor_new. sinsp_extractor_run puts its values for an event into sinsp_values, which a program reuses for
 * all events; sinsp_values_typed returns them as numbers, texts, times and addresses, sinsp_values_text as one text.
 *
 * Messages of the library go to the outputs of the process: sinsp_log_set_callback sets one. The events of some threads are left out by
 * sinsp_suppressed_new with the inspector, then sinsp_suppressed_add_comm or sinsp_suppressed_add_tid.
 *
 * Threads. An inspector, with the threads, files, events, programs, formatters and dumps that belong to it, is used by one
 * operating-system thread at a time: a second one waits for one that reads, and gets an error while one is in next, open or close. Any thread
 * may call sinsp_inspector_stats, _state_stats and sinsp_inspector_push_async_event at any time. Different inspectors are independent.
 *
 * Callbacks of next, open and close may read the inspector that calls them, run filters and formatters, and change its tables and options;
 * visitors may read it, and those of threads and files may change it too. next, open, close and the functions that set callbacks then fail
 * with an error that names them. Callbacks do not throw.
 *
 * Errors. A fallible function returns SINSP_SUCCESS or another status (or a null handle) and, where `error` is not null, stores an
 * owned sinsp_error there with the message. Null handles and invalid arguments are errors, not crashes. A function without an `error`
 * returns an empty value: null, 0, or an empty text.
 *
 * Structs and tables of functions that may grow begin with their size, or come with it: see the project's docs/abi.md.
 *
 * Texts are bytes with a length, which need not be UTF-8.
 */

#ifndef LIBSINSP_CAPI_H
#define LIBSINSP_CAPI_H

/* Generated from capi/sinsp by capi/headers: do not edit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct _scap_agent_info;
struct _scap_machine_info;
struct metrics_v2;
struct scap_platform;
struct scap_test_input_data;

/**
 * The version of this ABI. Upper 16 bits: the major number, which changes when programs must be recompiled. Lower 16 bits: the minor number,
 * which changes with additions.
 */
#define SINSP_ABI_VERSION 65536

/**
 * One ring buffer for all CPUs, in `sinsp_modern_bpf_params.cpus_per_buffer`.
 */
#define SINSP_ALL_CPUS UINT16_MAX

/**
 * The most parameters that an event has.
 */
#define SINSP_MAX_PARAMS 32

/**
 * The number of no thread.
 */
#define SINSP_NO_THREAD 0

/**
 * The number of no group.
 */
#define SINSP_NO_THREAD_GROUP 0

/**
 * How many words the set of types has that `sinsp_program_types` returns.
 */
#define SINSP_TYPES_WORDS 8

/**
 * What a function that can fail returns; the numbers are those of `SCAP_*`.
 */
enum sinsp_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Success.
     */
    SINSP_SUCCESS = 0,
    /**
     * A failure; the `sinsp_error` has the message.
     */
    SINSP_FAILURE = 1,
    /**
     * Nothing happened within the time-out; try again.
     */
    SINSP_TIMEOUT = -1,
    /**
     * An argument is invalid.
     */
    SINSP_ILLEGAL_INPUT = 3,
    /**
     * The requested object does not exist.
     */
    SINSP_NOT_FOUND = 4,
    /**
     * The input is at its end.
     */
    SINSP_EOF = 6,
    /**
     * The engine, the kernel or this version cannot do it.
     */
    SINSP_NOT_SUPPORTED = 9,
    /**
     * The filter rejected the next event.
     */
    SINSP_FILTERED_EVENT = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_status sinsp_status;
#else
typedef int32_t sinsp_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a node of a filter is.
 */
enum sinsp_ast_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All children hold.
     */
    SINSP_AST_AND = 0,
    /**
     * One of the children holds.
     */
    SINSP_AST_OR = 1,
    /**
     * Its child does not hold.
     */
    SINSP_AST_NOT = 2,
    /**
     * A bare word, `text`.
     */
    SINSP_AST_IDENTIFIER = 3,
    /**
     * A constant, `text`.
     */
    SINSP_AST_VALUE = 4,
    /**
     * Constants: the children are values.
     */
    SINSP_AST_LIST = 5,
    /**
     * Arguments of a transformer: the children.
     */
    SINSP_AST_TRANSFORMER_LIST = 6,
    /**
     * The operator `text` on its child.
     */
    SINSP_AST_UNARY = 7,
    /**
     * The operator `text` on its two children; `text` may end with a blank and a modifier.
     */
    SINSP_AST_BINARY = 8,
    /**
     * The field `text`, with the argument `arg` if `has_arg`.
     */
    SINSP_AST_FIELD = 9,
    /**
     * The transformer `text` on its children, with the argument `arg` if `has_arg`.
     */
    SINSP_AST_TRANSFORMER = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_ast_kind sinsp_ast_kind;
#else
typedef uint32_t sinsp_ast_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What `sinsp_ast_parse` accepts.
 */
enum sinsp_ast_start
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A whole filter, and nothing after it.
     */
    SINSP_AST_FILTER = 0,
    /**
     * A filter, whatever follows it.
     */
    SINSP_AST_FILTER_PREFIX = 1,
    /**
     * A field or a transformed field, whatever follows it.
     */
    SINSP_AST_FIELD_PREFIX = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_ast_start sinsp_ast_start;
#else
typedef uint32_t sinsp_ast_start;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which codes `sinsp_ast_codes` returns.
 */
enum sinsp_code_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Codes of events.
     */
    SINSP_CODES_EVENT = 0,
    /**
     * Codes of system calls.
     */
    SINSP_CODES_SC = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_code_kind sinsp_code_kind;
#else
typedef uint32_t sinsp_code_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Groups of system calls, by their use.
 */
enum sinsp_sc_group
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Every call that has a name.
     */
    SINSP_SC_ALL = 0,
    /**
     * The calls that the state of threads and fds needs.
     */
    SINSP_SC_STATE = 1,
    /**
     * The calls that matter for security, with those of `SINSP_SC_STATE`.
     */
    SINSP_SC_SIMPLE = 2,
    /**
     * Reading and writing.
     */
    SINSP_SC_IO = 3,
    /**
     * Other use of fds.
     */
    SINSP_SC_IO_OTHER = 4,
    /**
     * Files.
     */
    SINSP_SC_FILE = 5,
    /**
     * The network.
     */
    SINSP_SC_NET = 6,
    /**
     * Processes.
     */
    SINSP_SC_PROC = 7,
    /**
     * Memory, signals and other things of the system.
     */
    SINSP_SC_SYS = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_sc_group sinsp_sc_group;
#else
typedef uint32_t sinsp_sc_group;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The texts of an fd.
 */
enum sinsp_fd_text_id
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Its name: the full path of a file, the tuple of a socket.
     */
    SINSP_FD_NAME = 0,
    /**
     * The path as the program passed it.
     */
    SINSP_FD_NAME_RAW = 1,
    /**
     * Its name before the current event.
     */
    SINSP_FD_OLD_NAME = 2,
    /**
     * The word for its kind, such as `file`.
     */
    SINSP_FD_TYPE_NAME = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_fd_text_id sinsp_fd_text_id;
#else
typedef uint32_t sinsp_fd_text_id;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The texts of a thread.
 */
enum sinsp_thread_text_id
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Its name.
     */
    SINSP_THREAD_COMM = 0,
    /**
     * `argv[0]`.
     */
    SINSP_THREAD_EXE = 1,
    /**
     * The full path of its executable.
     */
    SINSP_THREAD_EXEPATH = 2,
    /**
     * The root directory.
     */
    SINSP_THREAD_ROOT = 3,
    /**
     * The working directory of its process, with a `/` at its end.
     */
    SINSP_THREAD_CWD = 4,
    /**
     * Its name and arguments, with spaces between them.
     */
    SINSP_THREAD_CMDLINE = 5,
    /**
     * Its arguments, with spaces between them.
     */
    SINSP_THREAD_ARGS_JOINED = 6,
    /**
     * The environment of its process, with spaces between the variables.
     */
    SINSP_THREAD_ENV_JOINED = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_thread_text_id sinsp_thread_text_id;
#else
typedef uint32_t sinsp_thread_text_id;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The lists of texts of a thread.
 */
enum sinsp_thread_list_id
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The arguments after `argv[0]`.
     */
    SINSP_THREAD_ARGS = 0,
    /**
     * The environment of its process, `name=value`.
     */
    SINSP_THREAD_ENV = 1,
    /**
     * Its cgroups, `subsystem=path`.
     */
    SINSP_THREAD_CGROUPS = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_thread_list_id sinsp_thread_list_id;
#else
typedef uint32_t sinsp_thread_list_id;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The names of `sinsp_inspector_set_name`.
 */
enum sinsp_name
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The environment variable with the directory at which the host's root is mounted; `HOST_ROOT` by default.
     */
    SINSP_NAME_HOST_ROOT_VARIABLE = 0,
    /**
     * The environment variable with the machine's name; `SCAP_HOSTNAME` by default.
     */
    SINSP_NAME_HOSTNAME_VARIABLE = 1,
    /**
     * The kernel module's devices, without the CPU's number; `scap` by default.
     */
    SINSP_NAME_DEVICE = 2,
    /**
     * The kernel module, in `/sys/module`; `scap` by default.
     */
    SINSP_NAME_MODULE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_name sinsp_name;
#else
typedef uint32_t sinsp_name;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The options of `sinsp_inspector_set_option`.
 */
enum sinsp_option
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Whether the users and groups of the machine are read (0 or 1); takes effect at the next open.
     */
    SINSP_OPTION_IMPORT_USERS = 0,
    /**
     * Whether ports are shown by their names in /etc/services (0 or 1): in names of sockets that are made from now on, and in texts of events.
     */
    SINSP_OPTION_RESOLVE_NAMES = 1,
    /**
     * How data buffers are shown: `sinsp_evt::param_fmt`.
     */
    SINSP_OPTION_BUFFER_FORMAT = 2,
    /**
     * How many bytes of text of a data buffer are shown at most; 0: all.
     */
    SINSP_OPTION_BUFFER_TEXT = 3,
    /**
     * Whether a live capture shows the events of its own process (0 or 1).
     */
    SINSP_OPTION_OWN_EVENTS = 4,
    /**
     * The snaplen: how many bytes of a data buffer are captured at most.
     */
    SINSP_OPTION_SNAPLEN = 5,
    /**
     * Whether calls that fail are not captured (0 or 1).
     */
    SINSP_OPTION_DROP_FAILED = 6,
    /**
     * Whether the snaplen depends on ports and on the content of a data buffer (0 or 1).
     */
    SINSP_OPTION_DYNAMIC_SNAPLEN = 7,
    /**
     * A range of ports whose traffic has a snaplen of 16000 bytes, if the snaplen is dynamic: the first port times 65536, plus the last.
     */
    SINSP_OPTION_FULL_CAPTURE_PORTS = 8,
    /**
     * The port of statsd, whose traffic has a snaplen of 2000 bytes, if the snaplen is dynamic; 0 for none.
     */
    SINSP_OPTION_STATSD_PORT = 9,
    /**
     * Dropping mode with this sampling ratio: events are captured during 1/ratio of each second; 0 turns it off.
     */
    SINSP_OPTION_DROPPING = 10,
    /**
     * Whether threads are removed from the table when they have exited (0 or 1).
     */
    SINSP_OPTION_PURGE = 11,
    /**
     * The time between two searches for exited threads in a live capture, in nanoseconds.
     */
    SINSP_OPTION_PURGE_INTERVAL = 12,
    /**
     * A search checks threads without an event or access for longer than this, in nanoseconds.
     */
    SINSP_OPTION_THREAD_TIMEOUT = 13,
    /**
     * Whether failed and pending connections are distinguished from established ones (0 or 1).
     */
    SINSP_OPTION_TRACK_CONNECTIONS = 14,
    /**
     * The time of the last event, in nanoseconds since the epoch, as if one had happened then.
     */
    SINSP_OPTION_LAST_EVENT_TIME = 15,
    /**
     * The time of the last search for exited threads, in nanoseconds since the epoch.
     */
    SINSP_OPTION_LAST_PURGE = 16,
    /**
     * Whether `next` also returns those internal events (category EC_INTERNAL) that the filter excludes, or that a capture has for the state
     * only (0 or 1).
     */
    SINSP_OPTION_INTERNAL_EVENTS = 17,
    /**
     * The time limit of a scan of the running system, in milliseconds; 0 for none. Takes effect at the next open.
     */
    SINSP_OPTION_SCAN_TIMEOUT = 18,
    /**
     * After how many milliseconds each a scan of the running system logs how far it is; 0: it does not. Takes effect at the next open.
     */
    SINSP_OPTION_SCAN_LOG_INTERVAL = 19,
    /**
     * How the field `evt.outputtime` shows times: one of the characters `h` (the local time of day, the default), `a` (since the epoch), `r` (since
     * the first event), `d` (0) and `D` (since the previous event).
     */
    SINSP_OPTION_OUTPUT_TIME = 20,
    /**
     * Whether captures that are written also get the events that the filter rejected and that change the state, marked as such (0 or 1).
     */
    SINSP_OPTION_FAT_CAPTURES = 21,
    /**
     * Whether environments of more than 4096 bytes are read from the running system (0 or 1); for scans, from the next open on.
     */
    SINSP_OPTION_LARGE_ENVIRONMENTS = 22,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_option sinsp_option;
#else
typedef uint32_t sinsp_option;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What `sinsp_field_source::find` returns.
 */
enum sinsp_found
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There is no such field.
     */
    SINSP_FOUND_NOTHING = 0,
    /**
     * It is the library's own field of the name.
     */
    SINSP_FOUND_TABLE = 1,
    /**
     * A field of the program's own, which is described.
     */
    SINSP_FOUND_OWN = 2,
    /**
     * A field of the plugin (`sinsp_plugin_ref`) in `sinsp_own_field::field`, which stays the program's; the search goes on behind the
     * program's fields if the plugin has none of this name.
     */
    SINSP_FOUND_PLUGIN = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_found sinsp_found;
#else
typedef int32_t sinsp_found;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a notice is about.
 */
enum sinsp_notice_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A call on a known fd failed. Called before the event is parsed.
     */
    SINSP_NOTICE_ERROR = 0,
    /**
     * The fd `fd` of the thread `tid` is closed, also by the end of its process; it can still be read. `removes`: the next event removes it
     * from the table.
     */
    SINSP_NOTICE_ERASE_FD = 1,
    /**
     * A file was opened by the path `data`, or was tried to be, as `flags` (`PPM_O_*`) say.
     */
    SINSP_NOTICE_FILE_OPEN = 2,
    /**
     * A socket was connected: `data` is its address or its tuple as the event has it.
     */
    SINSP_NOTICE_CONNECT = 3,
    /**
     * A connection came in as `fd`: `data` is its tuple as the event has it.
     */
    SINSP_NOTICE_ACCEPT = 4,
    /**
     * A socket got an address of its own.
     */
    SINSP_NOTICE_BIND = 5,
    /**
     * `number` bytes came in through `fd`: `data` is what of them was captured.
     */
    SINSP_NOTICE_READ = 6,
    /**
     * `number` bytes went out through `fd`: `data` is what of them was captured.
     */
    SINSP_NOTICE_WRITE = 7,
    /**
     * `number` bytes of the file `fd` were sent.
     */
    SINSP_NOTICE_SENDFILE = 8,
    /**
     * A socket was shut down.
     */
    SINSP_NOTICE_SHUTDOWN = 9,
    /**
     * A socket turned out to be connected, or not.
     */
    SINSP_NOTICE_SOCKET_STATUS = 10,
    /**
     * The thread runs another program.
     */
    SINSP_NOTICE_EXEC = 11,
    /**
     * The thread `tid` was created; `number` is the tid of an older thread that it replaced, -1 if there was none.
     */
    SINSP_NOTICE_CLONE = 12,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_notice_kind sinsp_notice_kind;
#else
typedef uint32_t sinsp_notice_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an event processor is called for.
 */
enum sinsp_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing happened within the time-out.
     */
    SINSP_OUTCOME_TIMEOUT = 0,
    /**
     * The input is at its end.
     */
    SINSP_OUTCOME_EOF = 1,
    /**
     * An event.
     */
    SINSP_OUTCOME_EVENT = 2,
    /**
     * An event that is not shown.
     */
    SINSP_OUTCOME_FILTERED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_outcome sinsp_outcome;
#else
typedef uint32_t sinsp_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Bits of `sinsp_log_outputs`: which outputs are set, and what stands before a message.
 */
enum sinsp_log_flag
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The standard output: third choice. A message goes to the first output that is set.
     */
    SINSP_LOG_STDOUT = 1,
    /**
     * The standard error: last choice.
     */
    SINSP_LOG_STDERR = 2,
    /**
     * A file: second choice.
     */
    SINSP_LOG_FILE = 4,
    /**
     * A callback: first choice.
     */
    SINSP_LOG_CALLBACK = 8,
    /**
     * No time stamp before a message.
     */
    SINSP_LOG_NO_TIMESTAMPS = 16,
    /**
     * An encoded severity before a message.
     */
    SINSP_LOG_ENCODED_SEVERITY = 32,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_log_flag sinsp_log_flag;
#else
typedef uint32_t sinsp_log_flag;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a formatter writes.
 */
enum sinsp_output
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * As the format string says.
     */
    SINSP_OUTPUT_TEXT = 0,
    /**
     * A JSON object with a member for each field.
     */
    SINSP_OUTPUT_JSON = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_output sinsp_output;
#else
typedef uint32_t sinsp_output;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which names `sinsp_plugin_each_name` lists.
 */
enum sinsp_plugin_names
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The sources of the events that have its fields; none for every source.
     */
    SINSP_PLUGIN_EXTRACT_SOURCES = 0,
    /**
     * The sources of the events that it parses; none for every source.
     */
    SINSP_PLUGIN_PARSE_SOURCES = 1,
    /**
     * The sources that its async events are for; none for every source.
     */
    SINSP_PLUGIN_ASYNC_SOURCES = 2,
    /**
     * The names of its async events.
     */
    SINSP_PLUGIN_ASYNC_EVENTS = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_plugin_names sinsp_plugin_names;
#else
typedef uint32_t sinsp_plugin_names;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a word of the filter language is.
 */
enum sinsp_word_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A comparison operator.
     */
    SINSP_WORD_OPERATOR = 0,
    /**
     * A comparison operator with a list on its right side.
     */
    SINSP_WORD_LIST_OPERATOR = 1,
    /**
     * A transformer.
     */
    SINSP_WORD_TRANSFORMER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_word_kind sinsp_word_kind;
#else
typedef uint32_t sinsp_word_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a `sinsp_value` is, and which of its members has it.
 */
enum sinsp_value_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A signed number, in `integer`.
     */
    SINSP_VALUE_SIGNED = 1,
    /**
     * A number without a sign, in `number`.
     */
    SINSP_VALUE_UNSIGNED = 2,
    /**
     * A floating-point number, in `real`.
     */
    SINSP_VALUE_REAL = 3,
    /**
     * 0 or 1, in `number`.
     */
    SINSP_VALUE_BOOL = 4,
    /**
     * A time in nanoseconds since the epoch, in `number`.
     */
    SINSP_VALUE_TIME = 5,
    /**
     * A duration in nanoseconds, in `number`.
     */
    SINSP_VALUE_DURATION = 6,
    /**
     * A text, which need not be UTF-8, in `bytes`.
     */
    SINSP_VALUE_TEXT = 7,
    /**
     * Bytes, in `bytes`.
     */
    SINSP_VALUE_BYTES = 8,
    /**
     * An address, in `bytes`: 4 bytes for IPv4, 16 for IPv6, in network byte order.
     */
    SINSP_VALUE_ADDRESS = 9,
    /**
     * A network: its address in `bytes`, as of an address, and the length of its prefix in bits in `number`.
     */
    SINSP_VALUE_NETWORK = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_value_kind sinsp_value_kind;
#else
typedef uint32_t sinsp_value_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whose units `sinsp_metric_convert` uses.
 */
enum sinsp_metric_units
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Prometheus's: memory in bytes, percentages as ratios.
     */
    SINSP_METRIC_PROMETHEUS,
    /**
     * Those of the outputs of rules: memory in megabytes, with one decimal.
     */
    SINSP_METRIC_RULE_OUTPUT,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_metric_units sinsp_metric_units;
#else
typedef uint32_t sinsp_metric_units;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why events are reported.
 */
enum sinsp_kept
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * They are left out.
     */
    SINSP_KEPT_NOT = 0,
    /**
     * They change the state of threads or fds.
     */
    SINSP_KEPT_FOR_STATE = 1,
    /**
     * A plugin parses them.
     */
    SINSP_KEPT_FOR_PLUGIN = 2,
    /**
     * A filter can hold for them.
     */
    SINSP_KEPT_FOR_FILTER = 3,
    /**
     * It is not known what events the system call makes.
     */
    SINSP_KEPT_UNKNOWN = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum sinsp_kept sinsp_kept;
#else
typedef uint32_t sinsp_kept;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A parsed filter. Owned; ended with `sinsp_ast_free`.
 */
typedef struct sinsp_ast sinsp_ast;

/**
 * A comparison with constants. Owned; ended with `sinsp_constants_free`.
 */
typedef struct sinsp_constants sinsp_constants;

/**
 * A capture file that is written. Owned; ended with `sinsp_dump_close` or `sinsp_dump_free`.
 */
typedef struct sinsp_dump sinsp_dump;

/**
 * A series of capture files. Owned; freed with `sinsp_dump_series_free`. One thread at a time may use it.
 */
typedef struct sinsp_dump_series sinsp_dump_series;

/**
 * An error with its message. Owned by the caller of the function that returned it; freed with `sinsp_error_free`.
 */
typedef struct sinsp_error sinsp_error;

/**
 * A field, or a transformed field, made ready to be extracted. Owned; ended with `sinsp_extractor_free`.
 */
typedef struct sinsp_extractor sinsp_extractor;

/**
 * A compiled format string. Owned; ended with `sinsp_formatter_free`.
 */
typedef struct sinsp_formatter sinsp_formatter;

/**
 * An engine, the state that its events build up, and the current event. Owned; freed with `sinsp_inspector_free`.
 */
typedef struct sinsp_inspector sinsp_inspector;

/**
 * A reference to a plugin of an inspector. Owned; any thread may end it with `sinsp_plugin_free`. The plugin's own state ends with the
 * inspector; the functions that need it fail from then on.
 */
typedef struct sinsp_plugin_ref sinsp_plugin_ref;

/**
 * A pool of threads that call routines again and again. Owned; any thread may use it, and end the reference with `sinsp_pool_free`. Routines of
 * the last reference end with it.
 */
typedef struct sinsp_pool sinsp_pool;

/**
 * A compiled filter. Owned; ended with `sinsp_program_free`. It runs on the events of the inspector that it was compiled for, and on
 * those that belong to none.
 */
typedef struct sinsp_program sinsp_program;

/**
 * Where filters and formatters look up fields instead of the library's table. Owned; ended with `sinsp_registry_free`. What was
 * compiled with it may outlive it.
 */
typedef struct sinsp_registry sinsp_registry;

/**
 * What the driver leaves out, and why not more, as of one moment. Owned; freed with `sinsp_selection_free`. It may outlive its inspector.
 */
typedef struct sinsp_selection sinsp_selection;

/**
 * The suppressed threads of an inspector, or a separate set. Owned; freed with `sinsp_suppressed_free`, before the inspector.
 */
typedef struct sinsp_suppressed sinsp_suppressed;

/**
 * A routine that a pool of a program runs: it calls `sinsp_task_run`, on any one thread at a time, until that returns false or the routine is
 * unsubscribed, and then `sinsp_task_free`.
 */
typedef struct sinsp_task sinsp_task;

/**
 * Users and groups: those of an inspector, or a separate set. Owned; ended with `sinsp_users_free`, before the inspector.
 */
typedef struct sinsp_users sinsp_users;

/**
 * The values of one field. Owned; ended with `sinsp_values_free`.
 */
typedef struct sinsp_values sinsp_values;

/**
 * A borrowed text: without a NUL at its end, not necessarily UTF-8.
 */
typedef struct sinsp_str {
    /**
     * The first byte; may be null when `len` is 0.
     */
    const char *data;
    /**
     * How many bytes there are.
     */
    size_t len;
} sinsp_str;

/**
 * A place in a filter or a format.
 */
typedef struct sinsp_position {
    /**
     * Offset in bytes, from 0.
     */
    uint32_t offset;
    /**
     * Line, from 1.
     */
    uint32_t line;
    /**
     * Column, from 1.
     */
    uint32_t column;
} sinsp_position;

/**
 * One node of a filter in its flat form.
 */
typedef struct sinsp_ast_node {
    /**
     * A `sinsp_ast_kind`.
     */
    uint32_t kind;
    /**
     * How many children it has.
     */
    uint32_t children;
    /**
     * Word, constant, operator or name, by kind.
     */
    struct sinsp_str text;
    /**
     * What stands in brackets after a field or a transformer.
     */
    struct sinsp_str arg;
    /**
     * Whether anything stands in brackets.
     */
    bool has_arg;
    /**
     * Where the node begins.
     */
    struct sinsp_position at;
} sinsp_ast_node;

/**
 * An event: one that `sinsp_inspector_next` describes, or one that a program makes of bytes.
 *
 * The pointers of a described event are borrowed until the next call; functions that get the event later fail. A program that makes an event
 * starts from zeros, sets `bytes` and other members, and leaves `of` at 0: the bytes are its own then, and have to stay while the event is used.
 * A length of 0 is taken from the bytes. A program that changes a described event sets `changed`.
 */
typedef struct sinsp_event {
    /**
     * The event as it stands on the wire (`struct ppm_evt_hdr` and what follows it).
     */
    const uint8_t *bytes;
    /**
     * How long it is; 0: as long as its header says.
     */
    uint32_t len;
    /**
     * The flags that a capture file has for it (`SCAP_DF_*`).
     */
    uint32_t dump_flags;
    /**
     * Its number since the capture was opened, from 1.
     */
    uint64_t num;
    /**
     * The number of the thread that made it; `SINSP_NO_THREAD` if that is not known.
     */
    uint64_t thread;
    /**
     * The program's object for that thread, if it has one already; else null.
     */
    void *thread_object;
    /**
     * The number of the thread that has open the fd that the event is about; `SINSP_NO_THREAD` if it is about none or the fd is not known.
     */
    uint64_t fd_owner;
    /**
     * The number of that fd in its table.
     */
    int64_t fd_key;
    /**
     * The program's object for that fd, if it has one already; else null.
     */
    void *fd_object;
    /**
     * The number of the fd that it is about, even if that fd is not known; -1 if it is about none.
     */
    int64_t fd_num;
    /**
     * The return value of the call, if a negative one is an error.
     */
    int64_t result;
    /**
     * The CPU it happened on.
     */
    uint16_t cpu;
    /**
     * Its type (`PPME_*`).
     */
    uint16_t code;
    /**
     * Whether it gave the fd another name.
     */
    bool fd_name_changed;
    /**
     * Whether a program changed the inspector's description.
     */
    bool changed;
    /**
     * Whether the filter rejected it, or it is only there to build up the state. `sinsp_inspector_next` still returns internal events of that
     * kind if `SINSP_OPTION_INTERNAL_EVENTS` is set.
     */
    bool rejected;
    /**
     * The number under which the inspector described it; 0 for an event that a program made.
     */
    uint64_t of;
} sinsp_event;

/**
 * When the next file of a series starts; 0 in a member means no limit.
 */
typedef struct sinsp_dump_limits {
    /**
     * How many bytes a file may have before the next event goes to another one.
     */
    uint64_t bytes;
    /**
     * How many seconds of event time a file covers.
     */
    uint64_t seconds;
    /**
     * How many events a file has.
     */
    uint64_t events;
    /**
     * How many files are kept: the next one replaces the first.
     */
    uint32_t files;
} sinsp_dump_limits;

/**
 * The next file of a series.
 */
typedef struct sinsp_dump_file {
    /**
     * Its path, valid until the next call.
     */
    struct sinsp_str name;
    /**
     * Why it starts (`sinsp_dump_cause`).
     */
    uint32_t cause;
} sinsp_dump_file;

/**
 * The type of a field's values.
 */
typedef struct sinsp_shape {
    /**
     * The type of its values: `PT_*`; `PT_DYN` if that depends on the event.
     */
    uint32_t kind;
    /**
     * How a number is printed: `PF_*`.
     */
    uint32_t format;
    /**
     * Whether it yields a list.
     */
    bool list;
} sinsp_shape;

/**
 * A field. Its texts are valid forever.
 */
typedef struct sinsp_field {
    /**
     * Its full name, such as `proc.name`.
     */
    struct sinsp_str name;
    /**
     * A title of a few words.
     */
    struct sinsp_str display;
    /**
     * What it is, in a sentence.
     */
    struct sinsp_str description;
    /**
     * The type of its values: `PT_*`.
     */
    uint32_t kind;
    /**
     * How a number is printed: `PF_*`.
     */
    uint32_t format;
    /**
     * Its rules: `EPF_*`.
     */
    uint32_t flags;
    /**
     * Whether this version extracts it; one that it does not extract has no value for any event.
     */
    bool extracted;
} sinsp_field;

/**
 * A class of fields. Its texts are valid forever.
 */
typedef struct sinsp_field_class {
    /**
     * Its name.
     */
    struct sinsp_str name;
    /**
     * A description in a few words; may be empty.
     */
    struct sinsp_str short_description;
    /**
     * A description in a sentence.
     */
    struct sinsp_str description;
    /**
     * How many fields it has.
     */
    size_t fields;
} sinsp_field_class;

/**
 * Called with the name of a field and its text, which are borrowed for the call. It must not use the formatter.
 */
typedef void (*sinsp_field_visitor)(void *context, struct sinsp_str name, struct sinsp_str text);

/**
 * A label of a metric.
 */
typedef struct sinsp_metric_label {
    /**
     * Its name; a label with an empty one is left out.
     */
    struct sinsp_str name;
    /**
     * Its value.
     */
    struct sinsp_str value;
} sinsp_metric_label;

/**
 * The events of a system call or tracepoint that were dropped because a ring was full or because they were too long.
 */
typedef struct sinsp_drops_row {
    /**
     * Its code (`PPM_SC_*`). Enter events count under their call, a program that the scheduler reports to start as execve, and a child that it reports
     * as clone; code 0 is for the marks of sampling, which belong to no call.
     */
    uint16_t sc;
    /**
     * Its name, valid as long as the program runs.
     */
    struct sinsp_str name;
    /**
     * How many, since the capture was opened.
     */
    uint64_t drops;
} sinsp_drops_row;

/**
 * Called with a name, which is borrowed for the call.
 */
typedef void (*sinsp_name_visitor)(void *context, struct sinsp_str name);

/**
 * Called with the name of a table, which is borrowed for the call, and the type of its keys (`ss_plugin_state_type`); false ends the iteration.
 */
typedef bool (*sinsp_table_visitor)(void *context, struct sinsp_str name, uint32_t key_type);

/**
 * Called with the number of a thread; false ends the iteration.
 */
typedef bool (*sinsp_thread_visitor)(void *context, uint64_t id);

/**
 * How `sinsp_inspector_open_kmod` captures; all of it zero is the defaults.
 */
typedef struct sinsp_kmod_params {
    /**
     * The size of each CPU's ring, in bytes; 0 for the default.
     */
    uint64_t buffer_bytes;
    /**
     * The system calls to capture: byte `i` is 1 to capture the code `i`, else 0; null for all.
     */
    const uint8_t *scs;
    /**
     * How many bytes `scs` has.
     */
    size_t scs_len;
} sinsp_kmod_params;

/**
 * How `sinsp_inspector_open_modern_bpf` captures; all of it zero is the defaults.
 */
typedef struct sinsp_modern_bpf_params {
    /**
     * The size of each ring buffer, in bytes; 0 for the default.
     */
    uint64_t buffer_bytes;
    /**
     * How many CPUs share a ring buffer; 0: each has its own; `SINSP_ALL_CPUS`: all share one.
     */
    uint16_t cpus_per_buffer;
    /**
     * Whether CPUs that are not online get a ring buffer, too.
     */
    bool offline_too;
    /**
     * Whether the initial scan reads /proc only, without BPF iterators.
     */
    bool no_iterators;
    /**
     * The system calls to capture: byte `i` is 1 to capture the code `i`, else 0; null for all.
     */
    const uint8_t *scs;
    /**
     * How many bytes `scs` has.
     */
    size_t scs_len;
} sinsp_modern_bpf_params;

/**
 * Called with an event before `next` returns it; `event` is null for another outcome. Returns 0, else the call fails.
 */
typedef int32_t (*sinsp_process_fn)(void *context, struct sinsp_event *event, uint32_t outcome);

/**
 * Called at the start of a capture. Returns 0, else the call fails.
 */
typedef int32_t (*sinsp_start_fn)(void *context);

/**
 * An event processor.
 */
typedef struct sinsp_event_processor_functions {
    /**
     * The size of this struct.
     */
    size_t size;
    /**
     * Passed to every function.
     */
    void *context;
    /**
     * Called for each event.
     */
    sinsp_process_fn process;
    /**
     * Called when an inspector was opened, before its first event. May be null.
     */
    sinsp_start_fn start;
} sinsp_event_processor_functions;

/**
 * An address of a network interface: 4 bytes in network order, or 16 if it is `v6`; the other bytes are not read.
 */
typedef struct sinsp_interface {
    /**
     * The name of the interface.
     */
    struct sinsp_str name;
    /**
     * Whether it is an address of IPv6.
     */
    bool v6;
    /**
     * The address.
     */
    uint8_t addr[16];
    /**
     * The mask of its network.
     */
    uint8_t netmask[16];
    /**
     * The broadcast address.
     */
    uint8_t broadcast[16];
} sinsp_interface;

/**
 * Something that happened with an event. Valid while the observer's function runs. What its kind does not name is 0.
 */
typedef struct sinsp_notice {
    /**
     * The size of this struct.
     */
    size_t size;
    /**
     * What it is about (`sinsp_notice_kind`); an observer ignores unknown kinds.
     */
    uint32_t kind;
    /**
     * Flags.
     */
    uint32_t flags;
    /**
     * A thread.
     */
    int64_t tid;
    /**
     * A file of that thread; of the event's thread if `tid` is not named.
     */
    int64_t fd;
    /**
     * A number.
     */
    int64_t number;
    /**
     * Bytes.
     */
    struct sinsp_str data;
    /**
     * Whether a file leaves the table.
     */
    bool removes;
} sinsp_notice;

/**
 * Called with a notice about `event`, which is null if there is none; both are valid for the call. Returns 0, else the call fails.
 */
typedef int32_t (*sinsp_observe_fn)(void *context, struct sinsp_event *event, const struct sinsp_notice *notice);

/**
 * An observer.
 */
typedef struct sinsp_observer_functions {
    /**
     * The size of this struct.
     */
    size_t size;
    /**
     * Passed to every function.
     */
    void *context;
    /**
     * Called for each notice.
     */
    sinsp_observe_fn observe;
} sinsp_observer_functions;

/**
 * The data of a thread group: append only.
 */
typedef struct sinsp_thread_group_info {
    /**
     * The pid of its process.
     */
    int64_t pid;
    /**
     * How many of its threads have not exited.
     */
    uint64_t alive;
    /**
     * Whether children that lose their parent come to this process.
     */
    bool reaper;
} sinsp_thread_group_info;

/**
 * How a program's objects hold the data of threads. `size` is `sizeof` of the struct in the program's version; no function may be null.
 */
typedef struct sinsp_thread_store {
    /**
     * The size of this struct.
     */
    size_t size;
    /**
     * Makes an object for a thread without data; null if it cannot. `context` is that of `sinsp_inspector_set_stores`.
     */
    void *(*make)(void *context);
    /**
     * The scalars of an object, valid as long as it exists.
     */
    struct sinsp_thread *(*scalars)(void *object);
    /**
     * A text (`sinsp_thread_text_id`, up to `SINSP_THREAD_CWD`).
     */
    struct sinsp_str (*text)(const void *object, uint32_t which);
    /**
     * Changes a text.
     */
    void (*set_text)(void *object, uint32_t which, struct sinsp_str text);
    /**
     * How many texts a list (`sinsp_thread_list_id`) has.
     */
    size_t (*list_len)(const void *object, uint32_t which);
    /**
     * The text at position `i` of a list; the subsystem in the list of cgroups. `i` is within the list.
     */
    struct sinsp_str (*list_text)(const void *object, uint32_t which, size_t i);
    /**
     * The path of the cgroup at position `i`, which is within the list.
     */
    struct sinsp_str (*cgroup_path)(const void *object, size_t i);
    /**
     * Replaces a list by `count` texts, each ended by a NUL; a cgroup's is `subsystem=path`.
     */
    void (*set_list)(void *object, uint32_t which, struct sinsp_str texts, size_t count);
    /**
     * Called when the object becomes that of the thread `id` of `inspector`.
     */
    void (*attach)(void *object, void *inspector, uint64_t id);
    /**
     * Whether the program holds the object beside the core.
     */
    bool (*is_held)(const void *object);
    /**
     * Called for each open file, with its number `fd`, when the thread leaves its inspector: before `detach`, if `is_held`.
     */
    void (*take_fd)(void *object, int64_t fd, void *fd_object);
    /**
     * Called with the group of the thread, `SINSP_NO_THREAD_GROUP` and null if it is in none, and whether it still has children, when the
     * thread leaves its inspector: before `detach`, if `is_held`.
     */
    void (*take_relatives)(void *object, uint64_t group, const struct sinsp_thread_group_info *known, bool has_children);
    /**
     * Called when the thread leaves its inspector, which the object must not use any more.
     */
    void (*detach)(void *object);
    /**
     * Called when the core no longer needs the object.
     */
    void (*release)(void *object);
    /**
     * One more than the highest index (`dynamic_field_info::index`) at which the object has a value of an added field.
     */
    size_t (*added_len)(const void *object);
    /**
     * Writes the value at an index to `*out` (`ss_plugin_state_data`). Returns its type (`ss_plugin_state_type`), 0 if it was never written.
     */
    uint32_t (*added)(const void *object, size_t index, void *out);
    /**
     * Sets the value (`ss_plugin_state_data`) at an index, of the type `ty` (`ss_plugin_state_type`).
     */
    void (*set_added)(void *object, size_t index, uint32_t ty, const void *value);
} sinsp_thread_store;

/**
 * The scalars of an open file: append only.
 */
typedef struct sinsp_fd {
    /**
     * Its number.
     */
    int64_t fd;
    /**
     * Its inode.
     */
    uint64_t ino;
    /**
     * For a pidfd, the process it stands for.
     */
    int64_t pid;
    /**
     * Its kind: `SCAP_FD_*`.
     */
    int32_t kind;
    /**
     * How a file was opened: `PPM_O_*`.
     */
    uint32_t open_flags;
    /**
     * `sinsp_fdinfo::flags`.
     */
    uint32_t flags;
    /**
     * The device it lies on.
     */
    uint32_t dev;
    /**
     * The mount it lies in.
     */
    uint32_t mount_id;
} sinsp_fd;

/**
 * The addresses of a socket.
 */
typedef struct sinsp_sock {
    /**
     * 0 none, 4 IPv4, 6 IPv6, 1 unix.
     */
    uint8_t family;
    /**
     * `SCAP_L4_*`.
     */
    uint8_t l4proto;
    /**
     * Whether it is bound without a peer: then the server's address and port stand in `dip` and `dport`.
     */
    bool server;
    /**
     * The client's port, in host order.
     */
    uint16_t sport;
    /**
     * The server's port, in host order.
     */
    uint16_t dport;
    /**
     * The client's address, in network order; the first 4 bytes for IPv4.
     */
    uint8_t sip[16];
    /**
     * The server's address, in network order; the first 4 bytes for IPv4.
     */
    uint8_t dip[16];
    /**
     * The kernel address of a unix socket's own end.
     */
    uint64_t source;
    /**
     * The kernel address of its peer.
     */
    uint64_t destination;
} sinsp_sock;

/**
 * How a program's objects hold the data of fds; as `sinsp_thread_store`.
 */
typedef struct sinsp_fd_store {
    /**
     * The size of this struct.
     */
    size_t size;
    /**
     * Makes an object for an fd without data; null if it cannot.
     */
    void *(*make)(void *context);
    /**
     * The scalars of an object, valid as long as it exists.
     */
    struct sinsp_fd *(*scalars)(void *object);
    /**
     * A text (`sinsp_fd_text_id`, up to `SINSP_FD_OLD_NAME`).
     */
    struct sinsp_str (*text)(const void *object, uint32_t which);
    /**
     * Changes a text.
     */
    void (*set_text)(void *object, uint32_t which, struct sinsp_str text);
    /**
     * The addresses of a socket; its kind is among the scalars.
     */
    void (*sock)(const void *object, struct sinsp_sock *out);
    /**
     * Changes the addresses of a socket.
     */
    void (*set_sock)(void *object, const struct sinsp_sock *sock);
    /**
     * An object for a copy of the fd, if the copy needs more of the object than these functions return; else null.
     */
    void *(*duplicate)(const void *object);
    /**
     * Called when the core no longer needs the object.
     */
    void (*release)(void *object);
    /**
     * One more than the highest index (`dynamic_field_info::index`) at which the object has a value of an added field.
     */
    size_t (*added_len)(const void *object);
    /**
     * Writes the value at an index to `*out` (`ss_plugin_state_data`). Returns its type (`ss_plugin_state_type`), 0 if it was never written.
     */
    uint32_t (*added)(const void *object, size_t index, void *out);
    /**
     * Sets the value (`ss_plugin_state_data`) at an index, of the type `ty` (`ss_plugin_state_type`).
     */
    void (*set_added)(void *object, size_t index, uint32_t ty, const void *value);
} sinsp_fd_store;

/**
 * Counters of the tables of an inspector's state. A cached look-up is one of what was looked up last.
 */
typedef struct sinsp_state_counters {
    /**
     * Look-ups that found an fd.
     */
    uint64_t fd_lookups_noncached;
    /**
     * Look-ups of the fd of the last look-up.
     */
    uint64_t fd_lookups_cached;
    /**
     * Look-ups of fds that are not in the table.
     */
    uint64_t fd_lookups_failed;
    /**
     * Fds that were added.
     */
    uint64_t fds_added;
    /**
     * Fds that were removed, without those of removed threads.
     */
    uint64_t fds_removed;
    /**
     * Enter events kept for their exit events.
     */
    uint64_t enter_events_kept;
    /**
     * Enter events that were not kept because their thread is not in the table.
     */
    uint64_t enter_events_not_kept;
    /**
     * Exit events whose enter event was kept.
     */
    uint64_t enter_events_found;
    /**
     * Exit events whose enter event was missing.
     */
    uint64_t enter_events_missed;
    /**
     * Look-ups that found a thread.
     */
    uint64_t thread_lookups_noncached;
    /**
     * Look-ups of the thread of the last look-up.
     */
    uint64_t thread_lookups_cached;
    /**
     * Look-ups that found no thread.
     */
    uint64_t thread_lookups_failed;
    /**
     * Threads that were added.
     */
    uint64_t threads_added;
    /**
     * Threads that were removed.
     */
    uint64_t threads_removed;
    /**
     * Threads that were dropped because the table was full.
     */
    uint32_t threads_dropped;
} sinsp_state_counters;

/**
 * Counters of the thread table.
 */
typedef struct sinsp_state_stats {
    /**
     * The size of this struct, which the caller sets: what is beyond it is not written.
     */
    size_t size;
    /**
     * Threads that were added.
     */
    uint64_t threads_added;
    /**
     * Threads that were removed.
     */
    uint64_t threads_removed;
    /**
     * Threads that were dropped because the table was full.
     */
    uint64_t threads_dropped;
    /**
     * Look-ups that found no thread.
     */
    uint64_t thread_lookups_failed;
    /**
     * Threads that were added with nothing but a tid, because a scan found no more.
     */
    uint64_t threads_invented;
    /**
     * Enter events kept for their exit events.
     */
    uint64_t enter_events_kept;
    /**
     * Exit events whose enter event was missing.
     */
    uint64_t enter_events_missed;
} sinsp_state_stats;

/**
 * A callback of the program for messages. May grow at its end.
 */
typedef struct sinsp_log_callback {
    /**
     * `sizeof(sinsp_log_callback)` of the program.
     */
    size_t size;
    /**
     * Passed to both functions.
     */
    void *context;
    /**
     * Takes a message, borrowed for the call, with its severity (1 the most severe, 8 the least). Several threads may call it at once. It may
     * log and use inspectors; it must not throw.
     */
    void (*log)(void *context, struct sinsp_str message, uint32_t severity);
    /**
     * Called once, after the last call of `log` has returned; may be null.
     */
    void (*release)(void *context);
} sinsp_log_callback;

/**
 * An address of the machine and the mask of its network.
 */
typedef struct sinsp_ipv4_net {
    /**
     * The address.
     */
    uint32_t addr;
    /**
     * The mask.
     */
    uint32_t netmask;
} sinsp_ipv4_net;

/**
 * An address of the machine.
 */
typedef struct sinsp_ipv6_addr {
    /**
     * Its bytes.
     */
    uint8_t bytes[16];
} sinsp_ipv6_addr;

/**
 * The description of a plugin. The texts are valid as long as the plugin.
 */
typedef struct sinsp_plugin_info {
    /**
     * The size of this struct, in bytes; set by the caller.
     */
    size_t size;
    /**
     * Its name.
     */
    struct sinsp_str name;
    /**
     * Its description.
     */
    struct sinsp_str description;
    /**
     * Its authors.
     */
    struct sinsp_str contact;
    /**
     * The name of its source of events; empty if its events are of the source `syscall`, or it makes none.
     */
    struct sinsp_str event_source;
    /**
     * Its registered number; 0 without an event source.
     */
    uint32_t id;
    /**
     * What it can do: bits `CAP_*` of `plugin/plugin_loader.h`.
     */
    uint32_t capabilities;
    /**
     * Its own version: major, minor, patch.
     */
    uint32_t version[3];
    /**
     * The version of the plugin API that it requires.
     */
    uint32_t required_api_version[3];
    /**
     * How many fields it has.
     */
    size_t field_count;
} sinsp_plugin_info;

/**
 * A field of a plugin. The texts are valid as long as the plugin.
 */
typedef struct sinsp_plugin_field {
    /**
     * The size of this struct, in bytes; set by the caller.
     */
    size_t size;
    /**
     * Its name.
     */
    struct sinsp_str name;
    /**
     * A short name for people; may be empty.
     */
    struct sinsp_str display;
    /**
     * Its description.
     */
    struct sinsp_str description;
    /**
     * The type of its values: `PT_*`.
     */
    uint32_t kind;
    /**
     * Whether it has a list of values.
     */
    bool list;
    /**
     * Whether it must have an argument.
     */
    bool argument_required;
    /**
     * Whether its argument may be a number.
     */
    bool argument_index;
    /**
     * Whether its argument may be a text.
     */
    bool argument_key;
    /**
     * Whether it belongs into a program's default output.
     */
    bool add_output;
    /**
     * Whether it is kept out of lists of fields.
     */
    bool hidden;
    /**
     * Whether it is a summary of the event.
     */
    bool info;
    /**
     * Whether it names an end of a conversation.
     */
    bool conversation;
} sinsp_plugin_field;

/**
 * Takes an event of a plugin. Returns false if it does not, with the reason in `*why`, which has to stay until the next call on this thread.
 */
typedef bool (*sinsp_event_taker)(void *context, const uint8_t *event, size_t len, struct sinsp_str *why);

/**
 * Called with an `ss_plugin_metric`, which is borrowed for the call.
 */
typedef void (*sinsp_plugin_metric_visitor)(void *context, const void *metric);

/**
 * Something that a plugin can be opened with. The texts are borrowed for the call.
 */
typedef struct sinsp_open_param {
    /**
     * The parameters.
     */
    struct sinsp_str value;
    /**
     * What they are.
     */
    struct sinsp_str description;
    /**
     * What separates several values.
     */
    struct sinsp_str separator;
} sinsp_open_param;

/**
 * A function that gets one thing after the other that a plugin can be opened with.
 */
typedef void (*sinsp_open_param_visitor)(void *context, const struct sinsp_open_param *param);

/**
 * Ends a context.
 */
typedef void (*sinsp_end)(void *context);

/**
 * A routine of a plugin, an `ss_plugin_routine_fn_t`: gets the plugin's state and an argument of its own; returns 0 to end.
 */
typedef uint32_t (*sinsp_plugin_routine)(void *plugin, void *state);

/**
 * The functions of a pool of a program. Any thread may call them. They must not throw.
 */
typedef struct sinsp_pool_calls {
    /**
     * The size of this struct, in bytes.
     */
    size_t size;
    /**
     * Starts a routine, which it takes over; returns its id, or 0 on failure.
     */
    size_t (*subscribe)(void *context, struct sinsp_task *task);
    /**
     * Ends a routine; whether there was one.
     */
    bool (*unsubscribe)(void *context, size_t id);
    /**
     * Ends all routines, and waits for them.
     */
    void (*purge)(void *context);
    /**
     * How many routines there are.
     */
    size_t (*routines)(void *context);
    /**
     * Ends the program's context.
     */
    void (*free)(void *context);
} sinsp_pool_calls;

/**
 * A function of a routine; false ends it.
 */
typedef bool (*sinsp_routine)(void *context);

/**
 * What a filter remembers of the event on which it ran last. Its result for an event is `holds`, without a call of `sinsp_program_run`, if all of
 * these are true:
 *
 * - `at` is equal to `*clock`;
 * - `of` and `bytes` are those of the event, and the event's `changed` is false;
 * - `inspector` is the event's inspector.
 *
 * Otherwise the filter has to run: by `sinsp_program_run` on an event that is new to it, by `sinsp_program_remember` on one on which it ran before, which
 * stores the result here. The clock advances with everything that can change the result: each event, each change of the state, of tables, options
 * and callbacks, and the end of the inspector.
 *
 * `clock` and `inspector` never change. Where several operating-system threads use the filter, the other members are read by atomic loads
 * (`__atomic_load_n`): `at` with `__ATOMIC_ACQUIRE`, then the others with `__ATOMIC_ACQUIRE`, then `at` again. If it changed meanwhile, the others are
 * not of one result. `*clock` is read with `__ATOMIC_RELAXED`.
 */
typedef struct sinsp_memo {
    /**
     * The address of the inspector's clock, valid as long as the filter, also after the inspector.
     */
    const uint64_t *clock;
    /**
     * The inspector that the filter was compiled for.
     */
    const struct sinsp_inspector *inspector;
    /**
     * The value of the clock at which the result was found; 0: none is remembered.
     */
    uint64_t at;
    /**
     * `sinsp_event::of` of the event.
     */
    uint64_t of;
    /**
     * `sinsp_event::bytes` of the event.
     */
    const uint8_t *bytes;
    /**
     * Whether the event passed.
     */
    bool holds;
} sinsp_memo;

/**
 * A field of a program's own.
 */
typedef struct sinsp_own_field {
    /**
     * Stands for the field, with its argument, in the callbacks; the library ends it with `sinsp_check_calls::free`.
     */
    void *field;
    /**
     * Its name without the argument; the library copies it.
     */
    struct sinsp_str name;
    /**
     * The type of its values: `PT_*`.
     */
    uint32_t kind;
    /**
     * How a number is printed: `PF_*`.
     */
    uint32_t format;
    /**
     * Its rules: `EPF_*`.
     */
    uint32_t flags;
} sinsp_own_field;

/**
 * Where a program's fields are found.
 */
typedef struct sinsp_field_source {
    /**
     * The size of this struct, in bytes.
     */
    size_t size;
    /**
     * Finds the field `text`: returns a `sinsp_found`, or -1 if it fails.
     */
    int32_t (*find)(void *context, struct sinsp_str text, struct sinsp_own_field *found, struct sinsp_str *why);
} sinsp_field_source;

/**
 * What a program's fields do.
 */
typedef struct sinsp_check_calls {
    /**
     * The size of this struct, in bytes.
     */
    size_t size;
    /**
     * Adds the field's values for an event to `values` (`sinsp_values_add`). Returns 1, 0 if the event does not have the field, or -1 if
     * it fails. The event is borrowed for the call.
     */
    int32_t (*extract)(void *field, const struct sinsp_event *event, struct sinsp_values *values, struct sinsp_str *why);
    /**
     * Makes a check of the field by an operator of the filter language, with a modifier after a blank if it has one, and constants: an object
     * for `holds` and `free`. Null if it fails.
     */
    void *(*check)(void *field,
                   struct sinsp_str op,
                   const struct sinsp_str *constants,
                   size_t count,
                   struct sinsp_str *why);
    /**
     * Whether a check holds for an event: 1 or 0, or -1 if it fails. The event is borrowed for the call.
     */
    int32_t (*holds)(void *check, const struct sinsp_event *event, struct sinsp_str *why);
    /**
     * Ends a field or a check.
     */
    void (*free)(void *field_or_check);
} sinsp_check_calls;

/**
 * What is reported of a system call, or of a tracepoint, whose events have no result: then both are the same.
 */
typedef struct sinsp_selection_row {
    /**
     * Its code (`PPM_SC_*`).
     */
    uint16_t sc;
    /**
     * Its name.
     */
    struct sinsp_str name;
    /**
     * Why calls that succeed are reported (`sinsp_kept`).
     */
    uint32_t succeeded;
    /**
     * Why calls that fail are reported (`sinsp_kept`).
     */
    uint32_t failed;
    /**
     * The first filter that can hold for calls that succeed, by its index, if that is why.
     */
    size_t succeeded_filter;
    /**
     * The same for calls that fail.
     */
    size_t failed_filter;
} sinsp_selection_row;

/**
 * Called with the number of an open file; false ends the iteration.
 */
typedef bool (*sinsp_fd_visitor)(void *context, int64_t fd);

/**
 * A group. The text is borrowed.
 */
typedef struct sinsp_group {
    /**
     * Its id.
     */
    uint32_t gid;
    /**
     * Its name. Where a group is added, null `data` takes it from the files of the host or container.
     */
    struct sinsp_str name;
} sinsp_group;

/**
 * A user. The texts are borrowed.
 */
typedef struct sinsp_user {
    /**
     * Its id.
     */
    uint32_t uid;
    /**
     * The id of its group.
     */
    uint32_t gid;
    /**
     * Its name. Where a user is added, null `data` takes it from the files of the host or container.
     */
    struct sinsp_str name;
    /**
     * Its home directory.
     */
    struct sinsp_str homedir;
    /**
     * Its shell.
     */
    struct sinsp_str shell;
} sinsp_user;

/**
 * Called with a group, which is borrowed for the call; false ends the iteration.
 */
typedef bool (*sinsp_group_visitor)(void *context, const struct sinsp_group *group);

/**
 * Called with a user, which is borrowed for the call; false ends the iteration.
 */
typedef bool (*sinsp_user_visitor)(void *context, const struct sinsp_user *user);

/**
 * The position of a value in its event.
 */
typedef struct sinsp_span {
    /**
     * Where it begins, in bytes from the start of the event's header; `UINT32_MAX` if that is not known, and any number if the length is `UINT32_MAX`.
     */
    uint32_t start;
    /**
     * Its length in bytes; `UINT32_MAX` if its position is not known, or not within the event.
     */
    uint32_t len;
} sinsp_span;

/**
 * A value. Members that its kind does not name are 0 or empty.
 */
typedef struct sinsp_value {
    /**
     * A `sinsp_value_kind`.
     */
    uint32_t kind;
    /**
     * Its type (`PT_*`), from which the kind follows.
     */
    uint32_t param_type;
    /**
     * A signed number.
     */
    int64_t integer;
    /**
     * Another number.
     */
    uint64_t number;
    /**
     * A floating-point number.
     */
    double real;
    /**
     * Text, bytes or an address, followed by a NUL that is not counted; valid as long as the value.
     */
    struct sinsp_str bytes;
} sinsp_value;

/**
 * Counters of a capture.
 */
typedef struct sinsp_stats {
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
} sinsp_stats;

/**
 * The scalars of a thread: append only.
 */
typedef struct sinsp_thread {
    /**
     * Its id.
     */
    int64_t tid;
    /**
     * The id of its process, which is the tid of the main thread.
     */
    int64_t pid;
    /**
     * The id of its parent.
     */
    int64_t ptid;
    /**
     * Who takes its children when it dies; -1 where unknown.
     */
    int64_t reaper_tid;
    /**
     * Its session.
     */
    int64_t sid;
    /**
     * Its tid in its own pid namespace; -1 where unknown.
     */
    int64_t vtid;
    /**
     * Its pid in its own pid namespace; -1 where unknown.
     */
    int64_t vpid;
    /**
     * Its process group as its own pid namespace counts.
     */
    int64_t vpgid;
    /**
     * Its process group as the host counts; -1 where unknown.
     */
    int64_t pgid;
    /**
     * How many files it may open; -1 where unknown.
     */
    int64_t fdlimit;
    /**
     * `PPM_CL_*` flags.
     */
    uint32_t flags;
    /**
     * Its user.
     */
    uint32_t uid;
    /**
     * Its group.
     */
    uint32_t gid;
    /**
     * The login uid.
     */
    uint32_t loginuid;
    /**
     * Its controlling terminal, as a device number.
     */
    uint32_t tty;
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
     * Its capabilities.
     */
    uint64_t cap_permitted;
    /**
     * Its capabilities in force.
     */
    uint64_t cap_effective;
    /**
     * The capabilities that it hands on.
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
     * When its pid namespace started: nanoseconds since the epoch.
     */
    uint64_t pidns_init_start_ts;
    /**
     * When it was created: nanoseconds since the epoch.
     */
    uint64_t clone_ts;
    /**
     * When it last executed a program: nanoseconds since the epoch.
     */
    uint64_t lastexec_ts;
    /**
     * When its last event was: nanoseconds since the epoch.
     */
    uint64_t lastevent_ts;
    /**
     * When the event before that was: nanoseconds since the epoch.
     */
    uint64_t prevevent_ts;
    /**
     * When a lookup last returned it: nanoseconds since the epoch.
     */
    uint64_t lastaccess_ts;
    /**
     * The fd of its last event.
     */
    int64_t lastevent_fd;
    /**
     * How many of its children are alive.
     */
    uint64_t not_expired_children;
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
     * Whether a dump leaves it out.
     */
    bool filtered_out;
} sinsp_thread;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The ABI version of this library. A program that was compiled with another major number must not use the library.
 */
uint32_t sinsp_abi_version(void);

/**
 * The bits of all capabilities that have a name.
 */
uint64_t sinsp_all_capabilities(void);

/**
 * Which events (`kind` `SINSP_CODES_EVENT`) or system calls (`SINSP_CODES_SC`) a filter can match: `out[code]` becomes 1 or 0 for
 * every code below `len`.
 * `nodes` must be null or point to `count` nodes whose texts are readable, `out` be null or point to `len` writable bytes, `error` be null or
 * writable.
 */
sinsp_status sinsp_ast_codes(const struct sinsp_ast_node *nodes,
                             size_t count,
                             uint32_t kind,
                             uint8_t *out,
                             size_t len,
                             struct sinsp_error **error);

/**
 * Where the parser stopped reading.
 * `ast` must be null or live.
 */
struct sinsp_position sinsp_ast_end(const struct sinsp_ast *ast);

/**
 * Ends a parsed filter; null is ignored.
 * `ast` must be null or owned and not ended yet.
 */
void sinsp_ast_free(struct sinsp_ast *ast);

/**
 * The nodes of a parsed filter, `*count` of them, valid until it is freed; null for null.
 * `ast` must be null or live, `count` null or writable.
 */
const struct sinsp_ast_node *sinsp_ast_nodes(const struct sinsp_ast *ast, size_t *count);

/**
 * Parses a filter, or a field with its transformers. `start` is a `sinsp_ast_start`; `max_depth` is how deep parentheses may be
 * nested, 0 for the default. Owned by the caller; null with an error that has a position, which its message does not repeat, if it is not
 * well formed.
 * `text` must be readable, `error` null or writable.
 */
struct sinsp_ast *sinsp_ast_parse(struct sinsp_str text,
                                  uint32_t start,
                                  uint32_t max_depth,
                                  struct sinsp_error **error);

/**
 * A tree of `count` nodes as text, valid until the next text on the same operating-system thread; empty with an error.
 * `nodes` must be null or point to `count` nodes whose texts are readable, `error` be null or writable.
 */
struct sinsp_str sinsp_ast_text(const struct sinsp_ast_node *nodes, size_t count, struct sinsp_error **error);

/**
 * Whether values of the type `kind` (`PT_*`), or lists of such, can be compared by an operator of the filter language, which may end
 * with a blank and a modifier; the error says why not.
 * `op` must be readable, `error` null or writable.
 */
sinsp_status sinsp_comparable(struct sinsp_str op,
                              uint32_t kind,
                              bool list,
                              struct sinsp_error **error);

/**
 * Ends a comparison; null is ignored.
 * `constants` must be null or owned and not ended yet.
 */
void sinsp_constants_free(struct sinsp_constants *constants);

/**
 * Whether the comparison holds for values: 1 or 0, or -1 with an error.
 * `constants` and `values` must be null or live, `error` null or writable.
 */
int32_t sinsp_constants_hold(const struct sinsp_constants *constants,
                             const struct sinsp_values *values,
                             struct sinsp_error **error);

/**
 * Makes a comparison of values of the type `kind` (`PT_*`), or of lists of such, by an operator of the filter language, which may end
 * with a blank and a modifier, with `count` constants in their binary form. Null with an error if they do not fit.
 * `op` must be readable, `constants` null or `count` readable views, `error` null or writable.
 */
struct sinsp_constants *sinsp_constants_new(struct sinsp_str op,
                                            uint32_t kind,
                                            bool list,
                                            const struct sinsp_str *constants,
                                            size_t count,
                                            struct sinsp_error **error);

/**
 * Writes everything that is buffered and closes the file. The dump is still to be freed.
 * `dump` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_dump_close(const struct sinsp_dump *dump, struct sinsp_error **error);

/**
 * Writes an event of `inspector`, or one that a program made, for which `inspector` may be null. Returns `SINSP_FILTERED_EVENT`, and writes
 * nothing, if the event was rejected and is not to be written (`sinsp_event_dump_flags`).
 * `dump` and `inspector` must be null or live, `event` null or readable with what it points to, `error` null or writable.
 */
sinsp_status sinsp_dump_event(const struct sinsp_dump *dump,
                              const struct sinsp_inspector *inspector,
                              const struct sinsp_event *event,
                              struct sinsp_error **error);

/**
 * The same with an open file descriptor, which the library closes.
 * `inspector` must be null or live, `fd` the caller's to give away, `error` null or writable.
 */
struct sinsp_dump *sinsp_dump_fdopen(const struct sinsp_inspector *inspector,
                                     int32_t fd,
                                     bool compress,
                                     struct sinsp_error **error);

/**
 * Writes everything that is buffered to the file.
 * `dump` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_dump_flush(const struct sinsp_dump *dump, struct sinsp_error **error);

/**
 * Ends a dump, and its file if that was not closed; null is ignored.
 * `dump` must be null or owned and not ended yet.
 */
void sinsp_dump_free(struct sinsp_dump *dump);

/**
 * Creates or empties a file (`-`: the standard output), and writes the state of the inspector to it. Null with an error.
 * `inspector` must be null or live, `path` readable, `error` null or writable.
 */
struct sinsp_dump *sinsp_dump_open(const struct sinsp_inspector *inspector,
                                   struct sinsp_str path,
                                   bool compress,
                                   struct sinsp_error **error);

/**
 * Frees a series; null is ignored. Its files stay.
 * `series` must be null or owned and not freed yet.
 */
void sinsp_dump_series_free(struct sinsp_dump_series *series);

/**
 * Starts a series. `base` is the path of the files, with a number at its end if there can be more than one. With a limit of seconds it may be
 * a pattern of strftime(3), which stands for the local time at which the file starts. Null if the arguments are not valid.
 * `base` must be readable, `limits` null or readable.
 */
struct sinsp_dump_series *sinsp_dump_series_new(struct sinsp_str base,
                                                const struct sinsp_dump_limits *limits);

/**
 * Whether a new file starts with the event of the time `ts` (nanoseconds since the epoch), which is about to be written to `dump`: 1 with the
 * file in `*file`, 0 if the event belongs to `dump`, -1 with an error. A file that the new one replaces and that has another name is removed. The
 * caller closes `dump`, opens the file and writes the event. `dump` is null before the first event.
 * `series` and `dump` must be null or live, `file` writable, `error` null or writable.
 */
int32_t sinsp_dump_series_next(const struct sinsp_dump_series *series,
                               uint64_t ts,
                               const struct sinsp_dump *dump,
                               struct sinsp_dump_file *file,
                               struct sinsp_error **error);

/**
 * The length of the capture in the file, in bytes, without what is buffered; 0 for null and after it was closed.
 * `dump` must be null or live.
 */
uint64_t sinsp_dump_written_bytes(const struct sinsp_dump *dump);

/**
 * The name of an error number, negative as system calls return it: `ENOENT` for -2. Valid forever; null if it has none.
 */
const char *sinsp_errno_name(int32_t code);

/**
 * Frees an error; null is ignored.
 * `error` must be null or an error that was not freed yet.
 */
void sinsp_error_free(struct sinsp_error *error);

/**
 * The message of an error, valid until it is freed; empty for null.
 * `error` must be null or an error that was not freed yet.
 */
struct sinsp_str sinsp_error_message(const struct sinsp_error *error);

/**
 * Writes the place in the text that an error is about to `*position`; returns false if it has none, or an argument is null.
 * `error` must be null or an error that was not freed yet, `position` null or writable.
 */
bool sinsp_error_position(const struct sinsp_error *error,
                          struct sinsp_position *position);

/**
 * The status of an error; `SINSP_SUCCESS` for null.
 * `error` must be null or an error that was not freed yet.
 */
sinsp_status sinsp_error_status(const struct sinsp_error *error);

/**
 * Sets `*flags` to the flags (`SCAP_DF_*`) with which `sinsp_dump_event` writes the event of an inspector to a capture. Returns whether it
 * writes the event: not if the event was rejected, unless it changes the state and `SINSP_OPTION_FAT_CAPTURES` is set, or is internal. False also
 * if the arguments are not valid.
 * `inspector` must be null or live, `event` null or readable with what it points to, `flags` null or writable.
 */
bool sinsp_event_dump_flags(const struct sinsp_inspector *inspector,
                            const struct sinsp_event *event,
                            uint32_t *flags);

/**
 * The name of an event, valid forever; empty for an unknown code.
 */
struct sinsp_str sinsp_event_name(uint16_t code);

/**
 * The text of the parameter at position `index` of an event of an inspector: its value, or with `resolved` what the value stands for, if it
 * stands for something, such as the file of an fd. Data is shown as text, whatever format the inspector has. `*text` is valid until the next
 * text on the same operating-system thread; it is empty if the event does not have so many parameters.
 * `inspector` must be null or live, `event` null or readable with what it points to, `text` and `error` null or writable.
 */
sinsp_status sinsp_event_param_text(const struct sinsp_inspector *inspector,
                                    const struct sinsp_event *event,
                                    uint32_t index,
                                    bool resolved,
                                    struct sinsp_str *text,
                                    struct sinsp_error **error);

/**
 * The texts of the parameter at position `index` of an event of an inspector: its value in `*value`, and in `*meaning` what it stands for, such as
 * the file of an fd; empty if it stands for nothing. `format` is how data is shown (`sinsp_evt::param_fmt`). Each text is followed by a NUL; both
 * are valid until the next text on the same operating-system thread, and empty if the event does not have so many parameters.
 * `inspector` must be null or live, `event` null or readable with what it points to, `value` and `meaning` writable, `error` null or writable.
 */
sinsp_status sinsp_event_param_texts(const struct sinsp_inspector *inspector,
                                     const struct sinsp_event *event,
                                     uint32_t index,
                                     uint32_t format,
                                     struct sinsp_str *value,
                                     struct sinsp_str *meaning,
                                     struct sinsp_error **error);

/**
 * Finds the parameters of the event at `bytes`, which is `len` bytes long, or as long as its header says if that is 0: `params[i]` becomes a view
 * of the i-th for the first `capacity` of them. Returns how many the event has, or -1 with an error if its lengths do not fit.
 * `bytes` must be null or point to so many bytes, `params` be null or point to `capacity` writable views, `error` be null or writable.
 */
int32_t sinsp_event_params(const uint8_t *bytes,
                           size_t len,
                           struct sinsp_str *params,
                           size_t capacity,
                           struct sinsp_error **error);

/**
 * The events called `names`.
 * `names` must be null or point to `count` readable texts, `out` be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_events_by_names(const struct sinsp_str *names,
                                   size_t count,
                                   uint8_t *out,
                                   size_t len,
                                   struct sinsp_error **error);

/**
 * The events that the system calls of `set` can make.
 * `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_events_of_scs(const uint8_t *set,
                                 size_t set_len,
                                 uint8_t *out,
                                 size_t len,
                                 struct sinsp_error **error);

/**
 * Ends an extractor; null is ignored.
 * `extractor` must be null or owned and not ended yet.
 */
void sinsp_extractor_free(struct sinsp_extractor *extractor);

/**
 * Asks an extractor for the positions of the values in the event (`sinsp_values_spans`). Only plugins know positions.
 * `extractor` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_extractor_locate(struct sinsp_extractor *extractor, struct sinsp_error **error);

/**
 * Makes an extractor of the field or transformed field `text` for the events of an inspector, in the form in which the inspector shows data
 * (`SINSP_OPTION_BUFFER_FORMAT`, `SINSP_OPTION_BUFFER_TEXT`). Fields are looked up in `registry`, in the library's table if that is null. Null
 * with an error if there is no such field.
 * `inspector` and `registry` must be null or live, `text` readable, `error` null or writable.
 */
struct sinsp_extractor *sinsp_extractor_new(const struct sinsp_inspector *inspector,
                                            const struct sinsp_registry *registry,
                                            struct sinsp_str text,
                                            struct sinsp_error **error);

/**
 * The same for values that are to be compared: in the form in which filters compare them, however the inspector shows data.
 * As for `sinsp_extractor_new`.
 */
struct sinsp_extractor *sinsp_extractor_new_compared(const struct sinsp_inspector *inspector,
                                                     const struct sinsp_registry *registry,
                                                     struct sinsp_str text,
                                                     struct sinsp_error **error);

/**
 * Puts the field's values for an event into `values`, and their type for this event into `*shape`. `inspector` is the event's, null if it belongs
 * to none. Returns 1, 0 if the event does not have the field, or -1 with an error.
 * `extractor`, `inspector` and `values` must be null or live, `event` null or readable with what it points to, `shape` null or writable,
 * `error` null or writable.
 */
int32_t sinsp_extractor_run(const struct sinsp_extractor *extractor,
                            const struct sinsp_inspector *inspector,
                            const struct sinsp_event *event,
                            struct sinsp_values *values,
                            struct sinsp_shape *shape,
                            struct sinsp_error **error);

/**
 * The type of the field's values without an event; zeros for null.
 * `extractor` must be null or live.
 */
struct sinsp_shape sinsp_extractor_shape(const struct sinsp_extractor *extractor);

/**
 * The character for a kind of file (`SCAP_FD_*`), such as `f` for a file; 0 for an unknown kind.
 */
uint8_t sinsp_fd_kind_char(int32_t kind);

/**
 * The word for a kind of file (`SCAP_FD_*`), such as `file`, ended by a NUL and valid forever; `<NA>` for a kind without one.
 */
const char *sinsp_fd_kind_name(int32_t kind);

/**
 * Describes the field at position `i` of the class at position `class_index`. Returns whether there is one.
 * `out` must be null or writable.
 */
bool sinsp_field_at(size_t class_index, size_t i, struct sinsp_field *out);

/**
 * Whether the field of the library's table with the name `text` may be compared with the constant `value`, beyond what its type requires: `evt.type`
 * with the names of events. An error if not.
 * `text` and `value` must be readable, `error` null or writable.
 */
sinsp_status sinsp_field_check_value(struct sinsp_str text,
                                     struct sinsp_str value,
                                     struct sinsp_error **error);

/**
 * Describes the class at position `i`. Returns whether there is one.
 * `out` must be null or writable.
 */
bool sinsp_field_class_at(size_t i, struct sinsp_field_class *out);

/**
 * How many classes of fields there are.
 */
size_t sinsp_field_class_count(void);

/**
 * Finds the field of the class at position `class_index` whose name, with its argument, is at the beginning of `text`. Returns how many bytes they
 * take and puts the field's position in the class into `*index`; 0 if there is none; -1 with an error if its argument is missing or wrong.
 * `text` must be readable, `index` null or writable, `error` null or writable.
 */
int64_t sinsp_field_find(size_t class_index,
                         struct sinsp_str text,
                         size_t *index,
                         struct sinsp_error **error);

/**
 * `text` as it is written in a filter: in double quotes with escapes if it has a blank, quote, backslash, equals sign or control character
 * with an escape, else unchanged. Valid until the next text on the same operating-system thread.
 * `text` must be readable.
 */
struct sinsp_str sinsp_filter_quote(struct sinsp_str text);

/**
 * The text that a quoted text of a filter means; the first byte of `quoted` is the quote, the last one is not read. Valid until the next text
 * on the same operating-system thread; empty with an error if `quoted` is empty or has an escape that does not exist.
 * `quoted` must be readable, `error` null or writable.
 */
struct sinsp_str sinsp_filter_unquote(struct sinsp_str quoted,
                                      struct sinsp_error **error);

/**
 * The word at `index` among those of a kind (`sinsp_word_kind`), valid forever; empty if there are not so many.
 */
struct sinsp_str sinsp_filter_word(uint32_t kind, size_t index);

/**
 * The name of the field at `index` among those of a formatter and those within its transformed ones, valid until the formatter is ended;
 * empty if there are not so many.
 * `formatter` must be null or live.
 */
struct sinsp_str sinsp_formatter_field(const struct sinsp_formatter *formatter,
                                       size_t index);

/**
 * Ends a formatter; null is ignored.
 * `formatter` must be null or owned and not ended yet.
 */
void sinsp_formatter_free(struct sinsp_formatter *formatter);

/**
 * Makes a formatter for the events of an inspector. Null with an error if the format names a field that does not exist. Fields are
 * looked up in `registry`, in the library's table if that is null.
 * `inspector` and `registry` must be null or live, `format` readable, `error` null or writable.
 */
struct sinsp_formatter *sinsp_formatter_new(const struct sinsp_inspector *inspector,
                                            const struct sinsp_registry *registry,
                                            struct sinsp_str format,
                                            struct sinsp_error **error);

/**
 * Calls `visit` with each field of a formatter and its text for an event, in order; `inspector` and `event` are as in `sinsp_formatter_run`.
 * Returns 1, 0 if the event lacks a required field (no field is visited from there on), or -1 with an error.
 * `formatter` and `inspector` must be null or live, `event` null or readable with what it points to, `visit` null or a function that takes
 * `context`, `error` null or writable.
 */
int32_t sinsp_formatter_resolve(const struct sinsp_formatter *formatter,
                                const struct sinsp_inspector *inspector,
                                const struct sinsp_event *event,
                                sinsp_field_visitor visit,
                                void *context,
                                struct sinsp_error **error);

/**
 * Writes an event as text or JSON (`sinsp_output`). `inspector` is the event's, null if it belongs to none: an event of another inspector
 * than the formatter's is an error, as is one that is no longer its inspector's current event. `*text` is valid until the next use of the
 * formatter. Returns 1, 0 if the event is not to be shown because a field has no value, or -1 with an error.
 * `formatter` and `inspector` must be null or live, `event` null or readable with what it points to, `text` and `error` null or writable.
 */
int32_t sinsp_formatter_run(const struct sinsp_formatter *formatter,
                            const struct sinsp_inspector *inspector,
                            const struct sinsp_event *event,
                            uint32_t output,
                            struct sinsp_str *text,
                            struct sinsp_error **error);

/**
 * Sets whether transformed fields are among those that a formatter writes as JSON and that `sinsp_formatter_resolve` visits; by default they
 * are not.
 * `formatter` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_formatter_show_transformed(struct sinsp_formatter *formatter,
                                              bool show,
                                              struct sinsp_error **error);

/**
 * Whether a shell pattern matches all of a text, as `fnmatch` does; `fold` ignores the case of ASCII letters.
 * Both must be readable.
 */
bool sinsp_glob_matches(struct sinsp_str pattern, struct sinsp_str text, bool fold);

/**
 * A fact, such as a version, that is in the labels, in Prometheus's text format: a metric `NAME_info` with the value 1.
 * The texts must be readable, and `labels` and the texts of `label_count` labels.
 */
struct sinsp_str sinsp_info_prometheus_text(struct sinsp_str name,
                                            struct sinsp_str prefix,
                                            struct sinsp_str subsystem,
                                            const struct sinsp_metric_label *labels,
                                            size_t label_count);

/**
 * Adds a foreign table: its entries are the caller's, and `sinsp_inspector_table` finds it by its name, which no other may have. `input` is an
 * `ss_plugin_table_input` of `input_size` bytes with all functions of its extended vtables. The vtables and functions have to stay until the
 * table is removed or the inspector is freed; the rest is copied. A function that fails calls `sinsp_table_set_error`.
 * `inspector` must be null or live, `input` null or as described above, `error` null or writable.
 */
sinsp_status sinsp_inspector_add_foreign_table(struct sinsp_inspector *inspector,
                                               const void *input,
                                               size_t input_size,
                                               struct sinsp_error **error);

/**
 * The same for a plugin of the program itself: `api` is its `plugin_api` (`plugin/plugin_api.h`), which is copied.
 * `inspector` must be null or live, `error` null or writable; `api` null or as `plugin_load_api` requires, and its functions must
 * stay until the last reference of the plugin is ended.
 */
struct sinsp_plugin_ref *sinsp_inspector_add_plugin(struct sinsp_inspector *inspector,
                                                    const void *api,
                                                    struct sinsp_error **error);

/**
 * Makes a table in the inspector, under a name that no other has, without columns, with keys of type `key_type` (`ss_plugin_state_type`).
 * Returns it as `sinsp_inspector_table` does.
 * `inspector` must be null or live, `name` readable, `error` null or writable.
 */
void *sinsp_inspector_add_table(struct sinsp_inspector *inspector,
                                struct sinsp_str name,
                                uint32_t key_type,
                                struct sinsp_error **error);

/**
 * Makes `object`, which the inspector takes over, a thread of the inspector, in place of one of the same tid; with `tie` also a member of its
 * process and a child of its parent. Returns its number; `SINSP_NO_THREAD` with an error if the table is full: the object is released then.
 * `inspector` must be null or live, `object` an object of the stores that belongs to no inspector, `error` null or writable.
 */
uint64_t sinsp_inspector_add_thread(struct sinsp_inspector *inspector,
                                    void *object,
                                    bool tie,
                                    struct sinsp_error **error);

/**
 * The program that captures, valid until the inspector is closed or opened; null if it is not this process. Any thread may call this.
 * `inspector` must be null or live.
 */
const struct _scap_agent_info *sinsp_inspector_agent(const struct sinsp_inspector *inspector);

/**
 * The offset of the next read of the open capture file, in uncompressed bytes; 0 if no file is open.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_bytes_read(const struct sinsp_inspector *inspector);

/**
 * Counts the threads of the table and the fds that each of them uses. While another operating-system thread is in `sinsp_inspector_next`, that
 * thread counts them at its next event; if it does not come to that, as in a function of the program, the last count is returned.
 * `inspector` must be null or live; `threads` and `fds` null or writable, `error` null or writable.
 */
sinsp_status sinsp_inspector_census(const struct sinsp_inspector *inspector,
                                    uint64_t *threads,
                                    uint64_t *fds,
                                    struct sinsp_error **error);

/**
 * Removes all threads.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_clear_threads(struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Closes the capture, drops the filter and empties the thread table. Thread objects that the program holds keep their values.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_close(struct sinsp_inspector *inspector,
                                   struct sinsp_error **error);

/**
 * The version of the driver's interface, or of its events if `schema`; 0 if the inspector captures with no driver. Any thread may call this.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_driver_version(struct sinsp_inspector *inspector,
                                        bool schema);

/**
 * How many events of each system call and tracepoint were dropped so far: writes the first `capacity` of those that have any, the most first, to
 * `rows`, and their whole number to `*count`. `PPM_SC_MAX` rows are always enough; with a `capacity` of 0 `rows` may be null. The sum is that of
 * `n_drops_buffer` and `n_drops_scratch_map` of `sinsp_inspector_stats`. Any thread may call this at any time, as that function. An error if nothing
 * is open; `SINSP_NOT_SUPPORTED` by all engines but modern_bpf.
 * `inspector` must be null or live, `rows` null or writable for `capacity` rows, `count` null or writable, `error` null or writable.
 */
sinsp_status sinsp_inspector_drops(const struct sinsp_inspector *inspector,
                                   struct sinsp_drops_row *rows,
                                   size_t capacity,
                                   size_t *count,
                                   struct sinsp_error **error);

/**
 * Calls `visit` with the name of each event source of an inspector: first `syscall`, then those of its plugins.
 * `inspector` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
 */
sinsp_status sinsp_inspector_each_event_source(const struct sinsp_inspector *inspector,
                                               sinsp_name_visitor visit,
                                               void *context,
                                               struct sinsp_error **error);

/**
 * Calls `visit` for each table that has a name, until it returns false. Returns false if `visit` did.
 * `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or writable.
 */
bool sinsp_inspector_each_table(const struct sinsp_inspector *inspector,
                                sinsp_table_visitor visit,
                                void *context,
                                struct sinsp_error **error);

/**
 * Calls `visit` for each thread that is known at the time of the call, in no order, until it returns false. Returns false if
 * `visit` did. The calls may change the table.
 * `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or
 * writable.
 */
bool sinsp_inspector_each_thread(const struct sinsp_inspector *inspector,
                                 sinsp_thread_visitor visit,
                                 void *context,
                                 struct sinsp_error **error);

/**
 * The name of the open engine, as `scap_open` names it, valid forever; empty if none is open. Any thread may call this.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_inspector_engine(const struct sinsp_inspector *inspector);

/**
 * The environment of the process `pid` as the running system has it, of 8 MiB at most: texts that each end with a NUL. Valid until the next text
 * on the same operating-system thread; empty if it cannot be read, or no running system is inspected.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_inspector_environment(const struct sinsp_inspector *inspector,
                                             int64_t pid);

/**
 * The tid of the thread that exited with the current event, which leaves the table when the next one comes; -1 if there is none.
 * `inspector` must be null or live.
 */
int64_t sinsp_inspector_exiting_thread(const struct sinsp_inspector *inspector);

/**
 * A table without entries that has the fields of all tables of open files: a field that is added to it is added to all of them. Null for null.
 * `inspector` must be null or live.
 */
void *sinsp_inspector_fd_table_fields(const struct sinsp_inspector *inspector);

/**
 * The thread `tid`; if it is not known, the one of the running system, or an invented one with a tid and nothing else.
 * `SINSP_NO_THREAD` if the table is full.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_find_thread(const struct sinsp_inspector *inspector, int64_t tid);

/**
 * The time of the first event that is no meta event: nanoseconds since the epoch; 0 before it, and for null.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_first_event_time(const struct sinsp_inspector *inspector);

/**
 * Drops a reference; null is ignored. The last one ends the capture and the plugins with their routines, and frees the inspector and all that was
 * borrowed from it. Programs and formatters may outlive it. A held table entry keeps the inspector's memory until it is released.
 * `inspector` must be null, or live with a reference that is the caller's.
 */
void sinsp_inspector_free(struct sinsp_inspector *inspector);

/**
 * Gives a CPU a ring buffer of `bytes` bytes, a power of two and a multiple of the page size, at most 1 GiB, while the inspector is open with the modern
 * BPF engine. Nothing changes where it has one of that size or more. The events in the rings keep their order and are not lost; after an error the CPU
 * has the ring that it had. To be called by the thread that calls `sinsp_inspector_next`: the rings are not read in the time that it takes, tens of
 * milliseconds, and 200 for 128 MiB, which the kernel clears.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_grow_buffer(struct sinsp_inspector *inspector,
                                         uint32_t cpu,
                                         uint64_t bytes,
                                         struct sinsp_error **error);

/**
 * Where the root directory of the host is mounted; empty if it is the program's root. Valid until it is set again.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_inspector_host_root(const struct sinsp_inspector *inspector);

/**
 * The time of the last event: nanoseconds since the epoch; 0 before the first, and for null.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_last_event_time(const struct sinsp_inspector *inspector);

/**
 * Loads the plugin in the shared object at `path` for this inspector. It has to be initialised before it is used. Null on failure: it does
 * not load, is of another version of the API, lacks functions, or has the name or number of another one.
 * `inspector` must be null or live, `path` readable, `error` null or writable.
 */
struct sinsp_plugin_ref *sinsp_inspector_load_plugin(struct sinsp_inspector *inspector,
                                                     struct sinsp_str path,
                                                     struct sinsp_error **error);

/**
 * The machine that the events come from, valid until the inspector is closed or opened, or the machine replaced; null if nothing is
 * open, or the capture does not have it. Any thread may call this.
 * `inspector` must be null or live.
 */
const struct _scap_machine_info *sinsp_inspector_machine(const struct sinsp_inspector *inspector);

/**
 * The metrics of the driver, of the kinds in `flags` (`METRICS_V2_*` of `libscap/metrics_v2.h`): `*count` of them, valid until this
 * operating-system thread collects others. Null without an error, and a count of 0, if the inspector captures with no driver.
 * `inspector` must be null or live, `count` and `error` null or writable.
 */
const struct metrics_v2 *sinsp_inspector_metrics(struct sinsp_inspector *inspector,
                                                 uint32_t flags,
                                                 uint32_t *count,
                                                 struct sinsp_error **error);

/**
 * Stores an existing group under `pid`, in place of another.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_name_thread_group(struct sinsp_inspector *inspector,
                                               int64_t pid,
                                               uint64_t group,
                                               struct sinsp_error **error);

/**
 * Creates an inspector, not yet open. `abi_version` is the `SINSP_ABI_VERSION` that the program was compiled with; another major number is an
 * error. A program of a newer minor one that uses nothing new runs: the dynamic linker refuses one that needs more than the library has.
 * `error` must be null or writable.
 */
struct sinsp_inspector *sinsp_inspector_new(uint32_t abi_version,
                                            struct sinsp_error **error);

/**
 * Reads the next event and describes it in `*event`. Returns `SINSP_SUCCESS`; `SINSP_FILTERED_EVENT` if the filter rejected it, also with the
 * event, or if its thread is suppressed, then with null `bytes`; `SINSP_TIMEOUT`, `SINSP_EOF`, or a failure with an error. If a callback failed, the event is finished, and the next call continues after it. An
 * error in a callback of the inspector.
 * `inspector` must be null or live, `event` writable, `error` null or writable.
 */
sinsp_status sinsp_inspector_next(struct sinsp_inspector *inspector,
                                  struct sinsp_event *event,
                                  struct sinsp_error **error);

/**
 * The number of events read since the inspector was opened, with those that the filter rejected; 0 while it is closed, and for null.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_num_events(const struct sinsp_inspector *inspector);

/**
 * Opens a live capture with the kernel module, which must be loaded. There are no events before `sinsp_inspector_start`. The calling thread is the
 * module's consumer: it can have one such capture open at a time.
 * `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_kmod(struct sinsp_inspector *inspector,
                                       const struct sinsp_kmod_params *params,
                                       struct sinsp_error **error);

/**
 * Opens a live capture with the BPF probe. There are no events before `sinsp_inspector_start`.
 * `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_modern_bpf(struct sinsp_inspector *inspector,
                                             const struct sinsp_modern_bpf_params *params,
                                             struct sinsp_error **error);

/**
 * Reads what the running system looks like, without its events: `sinsp_inspector_next` makes one of its own every 100 ms. Without `full_scan` what
 * takes long is left out.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_nodriver(struct sinsp_inspector *inspector,
                                           bool full_scan,
                                           struct sinsp_error **error);

/**
 * Opens the plugin with this name, which has to be registered and initialised, as the source of events. The plugin gets `params`; `platform`
 * (`sinsp_source_platform`) says what is read of the running system.
 * `inspector` must be null or live, `name` and `params` readable, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_plugin(struct sinsp_inspector *inspector,
                                         struct sinsp_str name,
                                         struct sinsp_str params,
                                         uint32_t platform,
                                         struct sinsp_error **error);

/**
 * Opens a capture file: the file descriptor `fd` if that is not 0, else `path`. The library closes `fd`, also if opening fails.
 * `inspector` must be null or live, `path` readable, `fd` 0 or an open descriptor that the inspector may own, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_savefile(struct sinsp_inspector *inspector,
                                           struct sinsp_str path,
                                           int32_t fd,
                                           struct sinsp_error **error);

/**
 * Opens the test engine with the events, threads and fds of `data` (see `libscap/scap_test.h`), which must stay valid with all that it
 * points to until the inspector is closed. With `live`, the threads and fds come from a scan of the running system instead.
 * `inspector` must be null or live, `data` null or as it says, `error` null or writable.
 */
sinsp_status sinsp_inspector_open_test_input(struct sinsp_inspector *inspector,
                                             struct scap_test_input_data *data,
                                             bool live,
                                             struct sinsp_error **error);

/**
 * Makes `object`, which the inspector takes over, a thread of the inspector that is neither an entry of the table nor a member of a process. It
 * stays until the inspector is closed. Returns its number, or `SINSP_NO_THREAD` with an error.
 * As `sinsp_inspector_add_thread`.
 */
uint64_t sinsp_inspector_place_thread(struct sinsp_inspector *inspector,
                                      void *object,
                                      struct sinsp_error **error);

/**
 * The platform of the open capture, for the functions of `scap_platform_api.h`; null if nothing is open. Its scans change the inspector's
 * state, and fail while the inspector is in use. The inspector owns it. After a close or another open it is empty until this is
 * called again.
 * `inspector` must be null or live.
 */
struct scap_platform *sinsp_inspector_platform(const struct sinsp_inspector *inspector);

/**
 * The plugins of an inspector, in the order in which they were added: the one with this number, from 0, as a reference of its own, or null
 * if there are not so many.
 * `inspector` must be null or live.
 */
struct sinsp_plugin_ref *sinsp_inspector_plugin(const struct sinsp_inspector *inspector,
                                                size_t number);

/**
 * A reference to the pool in which the routines of an inspector's plugins run. They end when a capture closes. Null for null.
 * `inspector` must be null or live.
 */
struct sinsp_pool *sinsp_inspector_pool(const struct sinsp_inspector *inspector);

/**
 * Queues a copy of the event at `bytes`. `sinsp_inspector_next` merges queued events with those of the capture by their times. An event with
 * the time `UINT64_MAX` is the next one and gets the time of the last one. Any thread may call this at any time, also while another one is in
 * `sinsp_inspector_next`. An error if the event is malformed, of an unknown type or more than 10 seconds ahead of the clock, if 4096 events
 * are queued already, or if no capture is open.
 * `inspector` must be null or live until this returns, `bytes` null or readable for `len` bytes, `error` null or writable.
 */
sinsp_status sinsp_inspector_push_async_event(const struct sinsp_inspector *inspector,
                                              const uint8_t *bytes,
                                              size_t len,
                                              struct sinsp_error **error);

/**
 * How much of the open capture file was read, in percent; 0 if no file is open, or its length is not known.
 * `inspector` must be null or live.
 */
double sinsp_inspector_read_progress(const struct sinsp_inspector *inspector);

/**
 * Adds a reference, which one more call of `sinsp_inspector_free` drops; returns `inspector`. Any operating-system thread may call it.
 * `inspector` must be null or live.
 */
struct sinsp_inspector *sinsp_inspector_ref(struct sinsp_inspector *inspector);

/**
 * Adds a plugin that was made for this inspector to those of the inspector. An error if there is one with its name, or another source of events
 * with its number.
 * `inspector` and `plugin` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_register_plugin(struct sinsp_inspector *inspector,
                                             const struct sinsp_plugin_ref *plugin,
                                             struct sinsp_error **error);

/**
 * Removes a table that `sinsp_inspector_add_foreign_table` added; `table` is the input's member of that name. The functions of
 * pointers that `sinsp_inspector_table` returned for it fail from then on.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_remove_foreign_table(struct sinsp_inspector *inspector,
                                                  const void *table,
                                                  struct sinsp_error **error);

/**
 * Removes exited threads if the purge interval has passed; returns whether it has. The observer is not called.
 * `inspector` must be null or live, `error` null or writable.
 */
bool sinsp_inspector_remove_gone_threads(struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Removes the thread `tid` as its exit would: its children get the reaper as their parent, and a main thread stays until the last thread of its
 * process is removed. An unknown thread is no error.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_remove_thread(struct sinsp_inspector *inspector,
                                           int64_t tid,
                                           struct sinsp_error **error);

/**
 * Continues to read the open capture file at an offset that `sinsp_inspector_bytes_read` returned. The state stays.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_seek(struct sinsp_inspector *inspector, uint64_t offset, struct sinsp_error **error);

/**
 * What the driver of an inspector leaves out. Null with an error before `sinsp_inspector_start_selection`.
 * `inspector` must be null or live, `error` null or writable.
 */
struct sinsp_selection *sinsp_inspector_selection(const struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Sets the event processor, which replaces the earlier one; null removes it. The table is copied. Its context must stay valid until the
 * processor is replaced or the inspector freed. An error in a callback of the inspector.
 * `inspector` must be null or live, `functions` null or readable as far as its size says, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_event_processor(struct sinsp_inspector *inspector,
                                                 const struct sinsp_event_processor_functions *functions,
                                                 struct sinsp_error **error);

/**
 * Sets the filter: `sinsp_inspector_next` returns the events for which `program` holds; null removes the filter. The program may be freed
 * afterwards. A program of another inspector is an error.
 * `inspector` and `program` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_filter(struct sinsp_inspector *inspector,
                                        const struct sinsp_program *program,
                                        struct sinsp_error **error);

/**
 * Sets where the root directory of the host is mounted: for users and groups from now on, for scans from the next open on. The default is
 * the environment variable HOST_ROOT.
 * `inspector` must be null or live, `path` readable, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_host_root(struct sinsp_inspector *inspector,
                                           struct sinsp_str path,
                                           struct sinsp_error **error);

/**
 * Starts or stops capturing one system call (a `PPM_SC_*` code) while the inspector is open.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_interesting(struct sinsp_inspector *inspector,
                                             uint16_t sc,
                                             bool interesting,
                                             struct sinsp_error **error);

/**
 * Replaces the addresses of the machine by `count` others: unknown ends of connections, and the fields that say whether an address is the
 * machine's, use these from now on, until another capture is opened or they are read again.
 * `inspector` must be null or live, `interfaces` null or `count` entries with readable names, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_interfaces(struct sinsp_inspector *inspector,
                                            const struct sinsp_interface *interfaces,
                                            size_t count,
                                            struct sinsp_error **error);

/**
 * Replaces the description of the machine that events come from, until another capture is opened. An error for null.
 * `inspector` must be null or live, `machine` null or readable, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_machine(struct sinsp_inspector *inspector,
                                         const struct _scap_machine_info *machine,
                                         struct sinsp_error **error);

/**
 * Sets one of the names (`sinsp_name`) that the inspector uses, and reads the variables of the host's root and of the machine's name. They take
 * effect at the next open. An empty name, or one with a NUL or `=`, is an error.
 * `inspector` must be null or live, `name` readable, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_name(struct sinsp_inspector *inspector,
                                      uint32_t which,
                                      struct sinsp_str name,
                                      struct sinsp_error **error);

/**
 * Sets the observer, which replaces the earlier one; null removes it. The table is copied. Its context must stay valid until the observer is
 * replaced or the inspector freed. An error in a callback of the inspector.
 * `inspector` must be null or live, `functions` null or readable as far as its size says, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_observer(struct sinsp_inspector *inspector,
                                          const struct sinsp_observer_functions *functions,
                                          struct sinsp_error **error);

/**
 * Sets an option (`sinsp_option`). Options of the capture apply to the open engine and to engines that are opened later; an error if the
 * engine does not support them.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_option(struct sinsp_inspector *inspector,
                                        uint32_t option,
                                        uint64_t value,
                                        struct sinsp_error **error);

/**
 * Sets the pool in which the routines of an inspector's plugins run. An error once it has one: after `sinsp_inspector_pool`, or the first plugin.
 * `inspector` and `pool` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_pool(struct sinsp_inspector *inspector,
                                      const struct sinsp_pool *pool,
                                      struct sinsp_error **error);

/**
 * Sets the functions by which a program's objects hold the data of threads and fds. To be called once, before the inspector is opened.
 * `context` is passed to `make`. Both tables are copied.
 * `inspector` must be null or live, `error` null or writable. The tables must be null or readable for the sizes that they begin with, and
 * their functions do what `sinsp_thread_store` and `sinsp_fd_store` describe, as long as the inspector is live.
 */
sinsp_status sinsp_inspector_set_stores(struct sinsp_inspector *inspector,
                                        const struct sinsp_thread_store *threads,
                                        const struct sinsp_fd_store *fds,
                                        void *context,
                                        struct sinsp_error **error);

/**
 * Makes a group of `count` threads and stores it under its pid, in place of another; entries that are `SINSP_NO_THREAD` count as gone. The
 * threads themselves are not changed. Returns its number, or `SINSP_NO_THREAD_GROUP` with an error.
 * `inspector` must be null or live, `group` null or readable, `threads` null or readable for `count` numbers, `error` null or writable.
 */
uint64_t sinsp_inspector_set_thread_group(struct sinsp_inspector *inspector,
                                          const struct sinsp_thread_group_info *group,
                                          const uint64_t *threads,
                                          size_t count,
                                          struct sinsp_error **error);

/**
 * Sets the most threads that the table may have; those that it has stay.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_set_thread_limit(struct sinsp_inspector *inspector,
                                              size_t limit,
                                              struct sinsp_error **error);

/**
 * Starts capturing, or continues after `sinsp_inspector_stop`.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_start(struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Has the kernel's driver leave out events that the program does not need: those for which none of `count` filters can hold, judged by the system
 * call and by whether it failed, and that do not change the state of threads and fds. With a `count` of 0 the filter of
 * `sinsp_inspector_set_filter` counts, whatever it is at the time.
 *
 * The program promises to evaluate no filters but these, and to need nothing of other events. Nothing is left out, which
 * `sinsp_inspector_selection` then says, while there is an observer, an event processor or no filter, while a filter has a field that depends on the
 * events before (`evt.num`, `evt.deltatime`...), and from the time that a capture is written, until this function is called again. The types of
 * events that plugins parse are not left out. It applies to the open capture and to those that are opened later; a new call replaces it.
 *
 * An error if the open driver cannot leave out events, or for a filter of another inspector. The filters may be freed afterwards.
 * `inspector` must be null or live, `programs` null or `count` pointers that are live, `error` null or writable.
 */
sinsp_status sinsp_inspector_start_selection(struct sinsp_inspector *inspector,
                                             const struct sinsp_program *const *programs,
                                             size_t count,
                                             struct sinsp_error **error);

/**
 * The counters of the state since the inspector was created. They change while events are read, and are valid as long as the inspector; each of
 * them is loaded and stored as a whole. Null for null.
 * `inspector` must be null or live.
 */
const struct sinsp_state_counters *sinsp_inspector_state_counters(const struct sinsp_inspector *inspector);

/**
 * The counters of the thread table since the inspector was created. Any thread may call this at any time, also while another one is in
 * `sinsp_inspector_next`.
 * `inspector` must be null or live, `stats` null or writable as far as its size says, `error` null or writable.
 */
sinsp_status sinsp_inspector_state_stats(const struct sinsp_inspector *inspector,
                                         struct sinsp_state_stats *stats,
                                         struct sinsp_error **error);

/**
 * The counters of the capture. Any thread may call this at any time, also while another one is in `sinsp_inspector_next`; an error if
 * nothing is open.
 * `inspector` must be null or live, `stats` writable, `error` null or writable.
 */
sinsp_status sinsp_inspector_stats(struct sinsp_inspector *inspector,
                                   struct sinsp_stats *stats,
                                   struct sinsp_error **error);

/**
 * Pauses capturing.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_stop(struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Ends `sinsp_inspector_start_selection`: the driver reports all events that are selected by `sinsp_inspector_set_interesting` and the open.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_inspector_stop_selection(struct sinsp_inspector *inspector,
                                            struct sinsp_error **error);

/**
 * The table of a name as the plugin API's `ss_plugin_table_t` (which is an `ss_plugin_table_input`); null, with an error, if there is
 * none or its keys are not of type `key_type` (`ss_plugin_state_type`). It is valid as long as the inspector; the functions of a foreign
 * one fail once that is removed.
 *
 * Entries: what `get_table_entry` or `add_table_entry` returns is the caller's until `release_table_entry`; what `create_table_entry` returns
 * until it is destroyed or passed to `add_table_entry`, even if that fails. Such an entry stays readable and writable when its thread exits, its
 * file is closed, or its inspector is closed or freed: it counts as one reference of the inspector. An iterator's entry is borrowed for the call.
 * A text is valid until the same field of the entry is read again or the entry is released; a table that is read from an entry as long as that is
 * held and then until the next event. A field is valid as long as the inspector.
 * `inspector` must be null or live, `name` readable, `error` null or writable.
 */
void *sinsp_inspector_table(const struct sinsp_inspector *inspector,
                            struct sinsp_str name,
                            uint32_t key_type,
                            struct sinsp_error **error);

/**
 * The thread `tid`; `SINSP_NO_THREAD` if it is not known.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_thread(const struct sinsp_inspector *inspector, int64_t tid);

/**
 * How many threads are known.
 * `inspector` must be null or live.
 */
size_t sinsp_inspector_thread_count(const struct sinsp_inspector *inspector);

/**
 * The group of the process `pid`; `SINSP_NO_THREAD_GROUP` if it is not known.
 * `inspector` must be null or live.
 */
uint64_t sinsp_inspector_thread_group(const struct sinsp_inspector *inspector, int64_t pid);

/**
 * The most threads that the table may have; 0 for null.
 * `inspector` must be null or live.
 */
size_t sinsp_inspector_thread_limit(const struct sinsp_inspector *inspector);

/**
 * The table of threads; null for null. As `sinsp_inspector_table` with the name `threads`.
 * `inspector` must be null or live.
 */
void *sinsp_inspector_thread_table(const struct sinsp_inspector *inspector);

/**
 * Makes `object`, which the inspector takes over, a member of its process and a child of its parent, but not an entry of the table: its tid does
 * not find it. It stays until the inspector is closed. Returns its number, or `SINSP_NO_THREAD` with an error.
 * As `sinsp_inspector_add_thread`.
 */
uint64_t sinsp_inspector_tie_thread(struct sinsp_inspector *inspector,
                                    void *object,
                                    struct sinsp_error **error);

/**
 * Whether events of this type (`PPME_*`) describe the initial state at the start of a capture.
 */
bool sinsp_is_initial_state(uint16_t code);

/**
 * The version of this library, such as `1.0.0`: a constant text. Its first two numbers are those of `sinsp_abi_version`.
 */
const char *sinsp_library_version(void);

/**
 * Logs a message of a severity from 1 (the most severe) to 8.
 * `message` must be readable.
 */
void sinsp_log(uint32_t severity, struct sinsp_str message);

/**
 * Writes the severity before each message, in the form that `sinsp_log_decode_severity` reads.
 */
void sinsp_log_add_encoded_severity(void);

/**
 * Truncates a file and writes messages to it; replaces the file that was set before.
 * `path` must be readable, `error` null or writable.
 */
sinsp_status sinsp_log_add_file(struct sinsp_str path, struct sinsp_error **error);

/**
 * Writes messages to the standard error.
 */
void sinsp_log_add_stderr(void);

/**
 * Writes messages to the standard output.
 */
void sinsp_log_add_stdout(void);

/**
 * Writes the severity at the start of a message to `*severity`; returns its length in bytes, 0 if there is none.
 * `message` must be readable, `severity` null or writable.
 */
size_t sinsp_log_decode_severity(struct sinsp_str message, uint32_t *severity);

/**
 * Writes no time stamp before messages.
 */
void sinsp_log_disable_timestamps(void);

/**
 * Whether messages of this severity are logged.
 */
bool sinsp_log_is_enabled(uint32_t severity);

/**
 * The outputs that are set and how messages are written: `sinsp_log_flag` bits.
 */
uint32_t sinsp_log_outputs(void);

/**
 * Removes all outputs and restores the default severity and format.
 */
void sinsp_log_reset(void);

/**
 * Passes messages to a callback, which replaces the one that was set before; null removes it. The struct is copied. A running call of the
 * old callback completes, then its `release` is called.
 * `callback` must be null or readable for its `size` bytes, its functions callable as `sinsp_log_callback` says until `release` was called;
 * `error` must be null or writable.
 */
sinsp_status sinsp_log_set_callback(const struct sinsp_log_callback *callback,
                                    struct sinsp_error **error);

/**
 * Sets the least severe severity that is logged, from 1 (the most severe messages only) to 8 (all). Another number is an error.
 * `error` must be null or writable.
 */
sinsp_status sinsp_log_set_severity(uint32_t severity,
                                    struct sinsp_error **error);

/**
 * The least severe severity that is logged: 6 (information) at first.
 */
uint32_t sinsp_log_severity(void);

/**
 * Converts a metric to other units (a `sinsp_metric_units`), and adapts its name. Does nothing to a metric that has no other unit, nor if an
 * enumerator is not known.
 * `metric` must be null or writable.
 */
void sinsp_metric_convert(struct metrics_v2 *metric,
                          uint32_t units);

/**
 * A metric in Prometheus's text format: three lines with its help, its type and its value. `prefix` and `subsystem` come before its name
 * unless they are empty. Empty if its enumerators are not known.
 * `metric` must be null or readable; the texts readable, and `labels` and the texts of `label_count` labels.
 */
struct sinsp_str sinsp_metric_prometheus_text(const struct metrics_v2 *metric,
                                              struct sinsp_str prefix,
                                              struct sinsp_str subsystem,
                                              const struct sinsp_metric_label *labels,
                                              size_t label_count);

/**
 * A metric as a line of text: its name, a space and its value. A floating-point number has six decimals. Empty if its enumerators are not known.
 * `metric` must be null or readable.
 */
struct sinsp_str sinsp_metric_text(const struct metrics_v2 *metric);

/**
 * Whether a name has this address, in network order: of 16 bytes if `ipv6`, else of 4. The first call for a name waits for its addresses, one
 * second at most; they are looked up anew from time to time, in the background. Any thread may call this.
 * `name` must be readable, `bytes` null or an address.
 */
bool sinsp_name_has_address(struct sinsp_str name,
                            const uint8_t *bytes,
                            bool ipv6);

/**
 * The first name, of those that filters and `sinsp_name_has_address` look up, that has this address; empty if none has. Valid until the next text
 * on the same operating-system thread.
 * `bytes` must be null or an address: 16 bytes if `ipv6`, else 4.
 */
struct sinsp_str sinsp_name_of_address(const uint8_t *bytes,
                                       bool ipv6);

/**
 * Forgets the names that `sinsp_name_has_address` keeps; those of filters stay.
 */
void sinsp_names_forget(void);

/**
 * How many names `sinsp_name_has_address` keeps.
 */
size_t sinsp_names_kept(void);

/**
 * Sets, in nanoseconds, after how long without a question a name is forgotten that `sinsp_name_has_address` keeps, and the first and the longest
 * time after which a name is looked up anew; 0 leaves a value as it is: one hour, 10 and 320 seconds.
 */
void sinsp_names_set_times(uint64_t forget,
                           uint64_t first,
                           uint64_t longest);

/**
 * The address of the machine that a peer at `other` sees, of `count` addresses: the same one, else one of its network, else any but the
 * loopback; 0 if there is none.
 * `nets` must be null or have `count` entries.
 */
uint32_t sinsp_own_ipv4(uint32_t other,
                        const struct sinsp_ipv4_net *nets,
                        size_t count);

/**
 * The same for IPv6, where the first half of an address is the network; all zeros if there is none.
 * `addrs` must be null or have `count` entries.
 */
struct sinsp_ipv6_addr sinsp_own_ipv6(struct sinsp_ipv6_addr other, const struct sinsp_ipv6_addr *addrs, size_t count);

/**
 * The name of a parameter type (`PT_*`) without its prefix, valid forever; null for an unknown number.
 */
const char *sinsp_param_type_name(uint32_t ty);

/**
 * Reads a signed number as `strtoll` does, with nothing behind it, into `*out`; returns whether it is one.
 * `text` must be readable, `out` null or writable.
 */
bool sinsp_parse_i64(struct sinsp_str text, int64_t *out);

/**
 * Reads an unsigned number as `strtoull` does, with nothing behind it, into `*out`; returns whether it is one.
 * `text` must be readable, `out` null or writable.
 */
bool sinsp_parse_u64(struct sinsp_str text, uint64_t *out);

/**
 * Calls a plugin's `capture_open` (`opened` true) or `capture_close` (`opened` false). `SINSP_NOT_SUPPORTED` if it has no such function, or fails;
 * another error if it is not initialised.
 * `plugin` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_plugin_capture(struct sinsp_plugin_ref *plugin,
                                  bool opened,
                                  struct sinsp_error **error);

/**
 * Whether a plugin works with events of this version of the event table, if it uses events that no plugin makes; a plugin that does not say was
 * written for 3.0.0. `SINSP_NOT_SUPPORTED` with the reason if not.
 * `plugin` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_plugin_check_schema_version(const struct sinsp_plugin_ref *plugin,
                                               uint32_t major,
                                               uint32_t minor,
                                               uint32_t patch,
                                               struct sinsp_error **error);

/**
 * Describes a plugin in `*info`, of which the first `info->size` bytes are written.
 * `plugin` must be null or live, `info` null or writable as far as its size says, `error` null or writable.
 */
sinsp_status sinsp_plugin_describe(const struct sinsp_plugin_ref *plugin,
                                   struct sinsp_plugin_info *info,
                                   struct sinsp_error **error);

/**
 * Describes the field of a plugin with this number, from 0, in `*field`, of which the first `field->size` bytes are written.
 * `plugin` must be null or live, `field` null or writable as far as its size says, `error` null or writable.
 */
sinsp_status sinsp_plugin_describe_field(const struct sinsp_plugin_ref *plugin,
                                         size_t number,
                                         struct sinsp_plugin_field *field,
                                         struct sinsp_error **error);

/**
 * Ends the state of a plugin; it can be initialised anew. An error if a capture has its source open, or in a callback of its inspector.
 * `plugin` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_plugin_destroy(struct sinsp_plugin_ref *plugin,
                                  struct sinsp_error **error);

/**
 * Has a plugin hand the async events that rebuild its state to `take`, before this returns; those without a time have that of the inspector's last
 * event. `SINSP_NOT_SUPPORTED` if it has no function for it;
 * another error if it is not initialised, has no async events, or fails.
 * `plugin` must be null or live; any thread must be able to call `take` with `context`, without throwing; `error` null or writable.
 */
sinsp_status sinsp_plugin_dump_state(struct sinsp_plugin_ref *plugin,
                                     sinsp_event_taker take,
                                     void *context,
                                     struct sinsp_error **error);

/**
 * Calls `visit` with each metric of an initialised plugin.
 * `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
 */
sinsp_status sinsp_plugin_each_metric(const struct sinsp_plugin_ref *plugin,
                                      sinsp_plugin_metric_visitor visit,
                                      void *context,
                                      struct sinsp_error **error);

/**
 * Calls `visit` with each name of a list of the plugin.
 * `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
 */
sinsp_status sinsp_plugin_each_name(const struct sinsp_plugin_ref *plugin,
                                    uint32_t which,
                                    sinsp_name_visitor visit,
                                    void *context,
                                    struct sinsp_error **error);

/**
 * Calls `visit` with each thing that the plugin can be opened with. An error if it is not initialised, fails, or lists them wrongly.
 * `plugin` must be null or live; `visit` callable with `context` and without throwing; `error` null or writable.
 */
sinsp_status sinsp_plugin_each_open_param(const struct sinsp_plugin_ref *plugin,
                                          sinsp_open_param_visitor visit,
                                          void *context,
                                          struct sinsp_error **error);

/**
 * Writes an event of the plugin as a text to `*text`, valid until the next text on this operating-system thread; one that the library makes of the
 * event's data if the plugin has none. An error for an event of another plugin, or if the plugin is not initialised.
 * `plugin` must be null or live; `event` null or readable with what it points to; `text` null or writable; `error` null or writable.
 */
sinsp_status sinsp_plugin_event_to_string(const struct sinsp_plugin_ref *plugin,
                                          const struct sinsp_event *event,
                                          struct sinsp_str *text,
                                          struct sinsp_error **error);

/**
 * Has a plugin extract the values of fields: `fields` are `count` of `ss_plugin_extract_field`, whose values stay until the plugin is called the
 * next time. If `offsets`, an `ss_plugin_extract_value_offsets`, is not null, the plugin may write there where they stand in the event.
 * `SINSP_NOT_SUPPORTED` if it fails or has no fields; another error if it is not initialised.
 * `plugin` must be null or live; `event` null or readable with its bytes; `fields` null or `count` readable and writable structs, `offsets` null
 * or writable; `error` null or writable.
 */
sinsp_status sinsp_plugin_extract_fields(const struct sinsp_plugin_ref *plugin,
                                         const struct sinsp_event *event,
                                         void *fields,
                                         uint32_t count,
                                         void *offsets,
                                         struct sinsp_error **error);

/**
 * Finds the field of a plugin whose name is at the beginning of `text`. Returns how many bytes it takes with its argument in brackets, and its
 * number in `*number`; 0 if there is none; -1 with an error if it takes no such argument, or needs one.
 * `plugin` must be null or live, `text` readable, `number` null or writable, `error` null or writable.
 */
int64_t sinsp_plugin_find_field(const struct sinsp_plugin_ref *plugin,
                                struct sinsp_str text,
                                size_t *number,
                                struct sinsp_error **error);

/**
 * Ends a reference to a plugin; null is ignored.
 * `plugin` must be null or a reference that was not ended yet.
 */
void sinsp_plugin_free(struct sinsp_plugin_ref *plugin);

/**
 * Whether the plugin is initialised and extracts fields (`parse` false) or parses (`parse` true) events of the type `code` (`PPME_*`).
 * `plugin` must be null or live.
 */
bool sinsp_plugin_has_event_type(const struct sinsp_plugin_ref *plugin,
                                 bool parse,
                                 uint16_t code);

/**
 * Initialises a plugin with its configuration. `SINSP_NOT_SUPPORTED` if the plugin refuses, or was initialised before; another error if its schema
 * does not allow the configuration, it returns types of events that there are not, or in a callback of its inspector.
 * `plugin` must be null or live, `config` readable, `error` null or writable.
 */
sinsp_status sinsp_plugin_init(struct sinsp_plugin_ref *plugin,
                               struct sinsp_str config,
                               struct sinsp_error **error);

/**
 * The schema of the configuration, valid until the next call; its kind (`ss_plugin_schema_type`) goes to `kind`.
 * `plugin` must be null or live, `kind` null or writable.
 */
struct sinsp_str sinsp_plugin_init_schema(const struct sinsp_plugin_ref *plugin, uint32_t *kind);

/**
 * Whether the plugin is initialised, and its inspector still there.
 * `plugin` must be null or live.
 */
bool sinsp_plugin_is_initialised(const struct sinsp_plugin_ref *plugin);

/**
 * The text of the plugin's last failure, empty if it has none; valid until the next text on this operating-system thread.
 * `plugin` must be null or live.
 */
struct sinsp_str sinsp_plugin_last_error(const struct sinsp_plugin_ref *plugin);

/**
 * Loads the plugin in the shared object at `path`, and leaves it to `sinsp_inspector_register_plugin` to add it to an inspector: until then the
 * program calls it itself, and ends it on the thread that uses the inspector. It uses the tables of `inspector`; null: it has none. Its routines
 * run in `pool`; null: in that of the inspector, or in one of its own. Null on failure.
 * `inspector` and `pool` must be null or live, `path` readable, `error` null or writable.
 */
struct sinsp_plugin_ref *sinsp_plugin_load(struct sinsp_inspector *inspector,
                                           struct sinsp_str path,
                                           const struct sinsp_pool *pool,
                                           struct sinsp_error **error);

/**
 * The same for a plugin of the program itself: `api` is its `plugin_api`, which is copied.
 * As `sinsp_plugin_load`; `api` must be null or as `plugin_load_api` requires, and its functions must stay until the last reference of the plugin
 * is ended.
 */
struct sinsp_plugin_ref *sinsp_plugin_of_api(struct sinsp_inspector *inspector,
                                             const void *api,
                                             const struct sinsp_pool *pool,
                                             struct sinsp_error **error);

/**
 * Has a plugin parse an event. `SINSP_NOT_SUPPORTED` if it fails, or does not parse; another error if it is not initialised.
 * `plugin` must be null or live; `event` null or readable with its bytes; `error` null or writable.
 */
sinsp_status sinsp_plugin_parse_event(const struct sinsp_plugin_ref *plugin,
                                      const struct sinsp_event *event,
                                      struct sinsp_error **error);

/**
 * How far the open source of a plugin has read, in hundredths of a percent (0 to 10000), and the plugin's text of it in `*text`, valid until the
 * next text on this operating-system thread. 0 and an empty text if it is not open or does not say.
 * `plugin` must be null or live, `text` null or writable.
 */
uint32_t sinsp_plugin_progress(const struct sinsp_plugin_ref *plugin,
                               struct sinsp_str *text);

/**
 * Another reference to a plugin; null for null.
 * `plugin` must be null or live.
 */
struct sinsp_plugin_ref *sinsp_plugin_retain(const struct sinsp_plugin_ref *plugin);

/**
 * The plugin for libscap's engine `source_plugin`: a `scap_source_plugin` that stays as long as the plugin. Null with an error if it is not
 * initialised, or no source of events. While a capture has it open, the plugin's state must not end.
 * `plugin` must be null or live, `error` null or writable.
 */
void *sinsp_plugin_scap_source(const struct sinsp_plugin_ref *plugin,
                               struct sinsp_error **error);

/**
 * Has a plugin send its async events to `take`, from any thread, until this is called with null. `end`, which may be null, ends the context after
 * the last use. `SINSP_NOT_SUPPORTED` if the plugin refuses; another error if it is not initialised, has no async events, or sends them already, as
 * it does to its inspector while a capture is open. On a failure `end` is called too.
 * `plugin` must be null or live; any thread must be able to call `take` and `end` with `context`, without throwing; `error` null or writable.
 */
sinsp_status sinsp_plugin_set_async_handler(struct sinsp_plugin_ref *plugin,
                                            sinsp_event_taker take,
                                            sinsp_end end,
                                            void *context,
                                            struct sinsp_error **error);

/**
 * Sets a new configuration of an initialised plugin. `SINSP_NOT_SUPPORTED` if the plugin has no function for it, or refuses this one.
 * `plugin` must be null or live, `config` readable, `error` null or writable.
 */
sinsp_status sinsp_plugin_set_config(struct sinsp_plugin_ref *plugin,
                                     struct sinsp_str config,
                                     struct sinsp_error **error);

/**
 * Has the plugin's pool of threads call a routine of the plugin with the plugin's state and `state`, until it returns
 * 0 or is unsubscribed. Returns its id; 0 if the plugin is not initialised, or there is no thread for it.
 * `plugin` must be null or live; any thread must be able to call `routine` so, without throwing.
 */
size_t sinsp_plugin_subscribe_routine(struct sinsp_plugin_ref *plugin, sinsp_plugin_routine routine, void *state);

/**
 * Ends a routine of the plugin: it is not called any more, but a call in progress goes on. Whether there was one.
 * `plugin` must be null or live.
 */
bool sinsp_plugin_unsubscribe_routine(struct sinsp_plugin_ref *plugin, size_t id);

/**
 * Ends a reference to a pool; null is ignored.
 * `pool` must be null or a reference that was not ended yet.
 */
void sinsp_pool_free(struct sinsp_pool *pool);

/**
 * Makes a pool of at most `threads` threads, which start with the first routines; 0: as many as there are processors, but at least 4. More
 * routines take turns.
 */
struct sinsp_pool *sinsp_pool_new(size_t threads);

/**
 * Makes a pool of the functions of a program, with a context that `calls->free` ends after the last use. Null on failure, after which the context
 * is the caller's.
 * `calls` must be null or readable as far as its size says, and any thread must be able to call its functions with `context` and without
 * throwing; `error` null or writable.
 */
struct sinsp_pool *sinsp_pool_of_program(const struct sinsp_pool_calls *calls,
                                         void *context,
                                         struct sinsp_error **error);

/**
 * Ends all routines of a pool, and returns once none runs any more, except one that calls this.
 * `pool` must be null or live.
 */
void sinsp_pool_purge(const struct sinsp_pool *pool);

/**
 * Another reference to a pool; null for null.
 * `pool` must be null or live.
 */
struct sinsp_pool *sinsp_pool_retain(const struct sinsp_pool *pool);

/**
 * How many routines a pool has.
 * `pool` must be null or live.
 */
size_t sinsp_pool_routines(const struct sinsp_pool *pool);

/**
 * Has the pool call a routine with `context` until it returns false or is unsubscribed, and then `end`, which may be null. Returns its id, or 0
 * on failure, after which the context is the caller's.
 * `pool` must be null or live; any thread must be able to call `routine` and `end` with `context`, without throwing.
 */
size_t sinsp_pool_subscribe(const struct sinsp_pool *pool,
                            sinsp_routine routine,
                            sinsp_end end,
                            void *context);

/**
 * Ends a routine: a pool of this library does not call it any more, but a call in progress goes on. Whether there was one.
 * `pool` must be null or live.
 */
bool sinsp_pool_unsubscribe(const struct sinsp_pool *pool,
                            size_t id);

/**
 * How many CPUs this machine may bring up, with those that are offline; 0 if that cannot be read.
 */
uint32_t sinsp_possible_cpus(void);

/**
 * The name of a print format (`PF_*`) without its prefix, valid forever; null for an unknown number.
 */
const char *sinsp_print_format_name(uint32_t format);

/**
 * Compiles a filter for the events of an inspector. Null with an error, which has a position, if it is not well formed or does not
 * fit the fields that it uses. Fields are looked up in `registry`, in the library's table if that is null.
 * `inspector` and `registry` must be null or live, `text` readable, `error` null or writable.
 */
struct sinsp_program *sinsp_program_compile(const struct sinsp_inspector *inspector,
                                            const struct sinsp_registry *registry,
                                            struct sinsp_str text,
                                            struct sinsp_error **error);

/**
 * The same from a tree of `count` nodes.
 * `inspector` and `registry` must be null or live, `nodes` null or `count` nodes whose texts are readable, `error` null or writable.
 */
struct sinsp_program *sinsp_program_compile_ast(const struct sinsp_inspector *inspector,
                                                const struct sinsp_registry *registry,
                                                const struct sinsp_ast_node *nodes,
                                                size_t count,
                                                struct sinsp_error **error);

/**
 * Ends a compiled filter; null is ignored.
 * `program` must be null or owned and not ended yet.
 */
void sinsp_program_free(struct sinsp_program *program);

/**
 * What a filter remembers of the event on which it ran last, for programs that ask the same filter about one event again and again. Valid as long
 * as the filter; null for null.
 * `program` must be null or live.
 */
const struct sinsp_memo *sinsp_program_memo(const struct sinsp_program *program);

/**
 * As `sinsp_program_run`, and remembers the result in `sinsp_program_memo` if it can be: for an event on which the filter ran before, and probably runs
 * again.
 * As for `sinsp_program_run`.
 */
int32_t sinsp_program_remember(const struct sinsp_program *program,
                               const struct sinsp_inspector *inspector,
                               const struct sinsp_event *event,
                               struct sinsp_error **error);

/**
 * Whether an event passes: 1 or 0, or -1 with an error. `inspector` is the event's, null if it belongs to none: an event of another
 * inspector than the program's is an error, as is one that is no longer its inspector's current event.
 * `program` and `inspector` must be null or live, `event` null or readable with what it points to, `error` null or writable.
 */
int32_t sinsp_program_run(const struct sinsp_program *program,
                          const struct sinsp_inspector *inspector,
                          const struct sinsp_event *event,
                          struct sinsp_error **error);

/**
 * The types of events for which a filter can hold: type `c` is bit `c % 64` of word `c / 64`, of which there are
 * `SINSP_TYPES_WORDS`. It fails for an event of any other type. Valid as long as the program; null for null.
 * `program` must be null or live.
 */
const uint64_t *sinsp_program_types(const struct sinsp_program *program);

/**
 * The `i`-th warning of a filter, valid as long as the program, and the position that it is about. Returns whether there is one.
 * `program` must be null or live, `text` and `at` null or writable.
 */
bool sinsp_program_warning(const struct sinsp_program *program,
                           size_t i,
                           struct sinsp_str *text,
                           struct sinsp_position *at);

/**
 * The version of falcosecurity/libs whose interface this library has, `0.25.4`: a constant text.
 */
const char *sinsp_reference_version(void);

/**
 * Ends a registry; null is ignored.
 * `registry` must be null or owned and not ended yet.
 */
void sinsp_registry_free(struct sinsp_registry *registry);

/**
 * Makes a registry of a program's fields, for filters and formatters of an inspector. `source` is called for every name with `context`, which
 * has to stay as long as something is compiled with the registry; both tables are copied.
 * `inspector` must be null or live, `source` and `calls` null or readable for their sizes; their functions must be callable as described, and
 * must not throw; `error` must be null or writable.
 */
struct sinsp_registry *sinsp_registry_new(const struct sinsp_inspector *inspector,
                                          const struct sinsp_field_source *source,
                                          const struct sinsp_check_calls *calls,
                                          void *context,
                                          struct sinsp_error **error);

/**
 * Makes a registry of the fields of one plugin.
 * `plugin` must be null or live, `error` null or writable.
 */
struct sinsp_registry *sinsp_registry_of_plugin(const struct sinsp_plugin_ref *plugin, struct sinsp_error **error);

/**
 * Makes a registry of the library's fields and those of all plugins that the inspector has now, in this order.
 * `inspector` must be null or live, `error` null or writable.
 */
struct sinsp_registry *sinsp_registry_with_plugins(const struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * The metrics of the resources that this process and the host use; `*count` of them, valid until this operating-system thread collects others.
 * `host_root` is where the host's root directory is mounted, empty on the host itself; `cgroup_variable` the name of the environment
 * variable with the file of the cgroup's memory, empty for `AGENT_CGROUP_MEM_PATH`. What cannot be read is 0. Any thread may call this.
 * The texts must be readable, `count` null or writable.
 */
const struct metrics_v2 *sinsp_resource_metrics(struct sinsp_str host_root,
                                                struct sinsp_str cgroup_variable,
                                                uint32_t *count);

/**
 * The code of the system call called `name`; 0 if there is none.
 * `name` must be readable.
 */
uint16_t sinsp_sc_by_name(struct sinsp_str name);

/**
 * One more than the highest code of a system call.
 */
uint32_t sinsp_sc_count(void);

/**
 * The system calls of a group (`sinsp_sc_group`).
 * `out` must be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_sc_group_set(uint32_t group, uint8_t *out, size_t len, struct sinsp_error **error);

/**
 * The name of a system call or tracepoint, valid forever; empty if it has none.
 */
struct sinsp_str sinsp_sc_name(uint16_t sc);

/**
 * The system calls that are needed for the state that the events of `set` refer to, with those of `set`.
 * `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_sc_repair_state(const uint8_t *set,
                                   size_t set_len,
                                   uint8_t *out,
                                   size_t len,
                                   struct sinsp_error **error);

/**
 * The system calls whose events are called `names`.
 * `names` must be null or point to `count` readable texts, `out` be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_scs_by_event_names(const struct sinsp_str *names,
                                      size_t count,
                                      uint8_t *out,
                                      size_t len,
                                      struct sinsp_error **error);

/**
 * The system calls that can make one of the events of `set`.
 * `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
 */
sinsp_status sinsp_scs_of_events(const uint8_t *set,
                                 size_t set_len,
                                 uint8_t *out,
                                 size_t len,
                                 struct sinsp_error **error);

/**
 * Whether events are left out. If not, the notes say why.
 * `selection` must be null or live.
 */
bool sinsp_selection_active(const struct sinsp_selection *selection);

/**
 * Frees a report; null is ignored.
 * `selection` must be null or owned and not freed yet.
 */
void sinsp_selection_free(struct sinsp_selection *selection);

/**
 * Sets `*row` to the `i`-th system call or tracepoint of this machine; its name is valid as long as the program runs. Returns whether there is one. If
 * nothing is left out, the rows are what would be.
 * `selection` must be null or live, `row` null or writable.
 */
bool sinsp_selection_get(const struct sinsp_selection *selection,
                         size_t i,
                         struct sinsp_selection_row *row);

/**
 * Sets `*text` to the `i`-th note: why nothing is left out, and which filters keep it from being more. Valid as long as the selection. Returns whether
 * there is one.
 * `selection` must be null or live, `text` null or writable.
 */
bool sinsp_selection_note(const struct sinsp_selection *selection,
                          size_t i,
                          struct sinsp_str *text);

/**
 * The whole as text, to be printed: the notes, and a line for each system call and tracepoint with `always`, `success`, `failure` or `never`, and why.
 * Valid as long as the selection; empty for null.
 * `selection` must be null or live.
 */
struct sinsp_str sinsp_selection_text(const struct sinsp_selection *selection);

/**
 * The name of a signal: `SIGKILL` for 9; valid forever, null if it has none.
 */
const char *sinsp_signal_name(uint32_t number);

/**
 * The transport protocol (`SCAP_L4_*`) of a socket whose role is in `flags` (`sinsp_fdinfo::flags`); `SCAP_L4_NA` for null and without a role.
 * `sock` must be null or readable.
 */
uint8_t sinsp_sock_l4proto(const struct sinsp_sock *sock,
                           uint32_t flags);

/**
 * The metrics of a state with this many threads and fds, and its counters unless `counters` is null; `*count` of them, valid until this
 * operating-system thread collects others.
 * `counters` must be null or readable, `count` null or writable.
 */
const struct metrics_v2 *sinsp_state_metrics(const struct sinsp_state_counters *counters,
                                             uint64_t threads,
                                             uint64_t fds,
                                             uint32_t *count);

/**
 * Suppresses threads named `comm` that start or are scanned from now on, and their descendants. Returns false with an error.
 * `set` must be null or live, `comm` readable, `error` null or writable.
 */
bool sinsp_suppressed_add_comm(const struct sinsp_suppressed *set,
                               struct sinsp_str comm,
                               struct sinsp_error **error);

/**
 * Suppresses a thread and its future descendants. Returns false with an error.
 * `set` must be null or live, `error` null or writable.
 */
bool sinsp_suppressed_add_tid(const struct sinsp_suppressed *set, int64_t tid, struct sinsp_error **error);

/**
 * Begins a scan: until `sinsp_suppressed_end_scan`, the program calls `sinsp_suppressed_check` for each thread, in any order. Returns false
 * with an error.
 * `set` must be null or live, `error` null or writable.
 */
bool sinsp_suppressed_begin_scan(const struct sinsp_suppressed *set,
                                 struct sinsp_error **error);

/**
 * Suppresses a thread if its name is suppressed; returns whether it is. During a scan it also records the thread's parent.
 * `set` must be null or live, `comm` readable, `error` null or writable.
 */
bool sinsp_suppressed_check(const struct sinsp_suppressed *set,
                            int64_t tid,
                            int64_t ptid,
                            struct sinsp_str comm,
                            struct sinsp_error **error);

/**
 * Removes all names or, with `tids`, all threads. Returns false with an error.
 * `set` must be null or live, `error` null or writable.
 */
bool sinsp_suppressed_clear(const struct sinsp_suppressed *set, bool tids, struct sinsp_error **error);

/**
 * The number of suppressed threads; writes the number of suppressed events to `*events`.
 * `set` must be null or live, `events` null or writable, `error` null or writable.
 */
size_t sinsp_suppressed_count(const struct sinsp_suppressed *set, uint64_t *events, struct sinsp_error **error);

/**
 * Ends a scan: suppresses the descendants of suppressed threads. Returns false with an error.
 * `set` must be null or live, `error` null or writable.
 */
bool sinsp_suppressed_end_scan(const struct sinsp_suppressed *set, struct sinsp_error **error);

/**
 * Frees a handle; null is ignored.
 * `set` must be null or owned and not ended yet.
 */
void sinsp_suppressed_free(struct sinsp_suppressed *set);

/**
 * Whether a thread is suppressed.
 * `set` must be null or live, `error` null or writable.
 */
bool sinsp_suppressed_has_tid(const struct sinsp_suppressed *set, int64_t tid, struct sinsp_error **error);

/**
 * A handle for the inspector's suppressed threads; for null an empty set of its own.
 * `inspector` must be null or live until the returned handle is freed; `error` null or writable.
 */
struct sinsp_suppressed *sinsp_suppressed_new(const struct sinsp_inspector *inspector, struct sinsp_error **error);

/**
 * Adds a field of type table to a table of `sinsp_inspector_add_table`, or to a table in one: every entry has a table of its own in the field,
 * with keys of type `key_type` (`ss_plugin_state_type`). All of them have the same fields.
 * `table` must be null or an `ss_plugin_table_t` that this library returned and that is valid, `name` readable, `error` null or writable.
 */
sinsp_status sinsp_table_add_table_field(void *table,
                                         struct sinsp_str name,
                                         uint32_t key_type,
                                         struct sinsp_error **error);

/**
 * The cause of the last failure of a table's function on this operating-system thread; valid until the next one. It is set by the functions of
 * every `ss_plugin_table_input` that this library returns to the program, those of foreign tables included.
 */
struct sinsp_str sinsp_table_error(void);

/**
 * Whether a table (`ss_plugin_table_t`) is one of this library, whose entries are counted; false for foreign ones, and for null.
 * `table` must be null or an `ss_plugin_table_t` that is valid.
 */
bool sinsp_table_is_own(const void *table);

/**
 * Sets what `sinsp_table_error` returns: for the functions of a foreign table of the program that fail.
 * `message` must be readable.
 */
void sinsp_table_set_error(struct sinsp_str message);

/**
 * Ends a routine of a pool of a program; null is ignored.
 * `task` must be null, or not ended yet and used by no other thread.
 */
void sinsp_task_free(struct sinsp_task *task);

/**
 * Calls a routine once; false: it has ended.
 * `task` must be null, or live and used by no other thread.
 */
bool sinsp_task_run(struct sinsp_task *task);

/**
 * The names of the capabilities whose bits are set, separated by spaces.
 */
struct sinsp_str sinsp_text_capabilities(uint64_t bits);

/**
 * The cgroups of an event's parameter with the usual names of subsystems: texts `subsystem=path`, each with a NUL at its end. Empty if one
 * of them has no `=`. Valid until the next text on this operating-system thread.
 * `wire` must be readable.
 */
struct sinsp_str sinsp_text_cgroups(struct sinsp_str wire);

/**
 * `dir` and `path` joined. `dir` must end with a slash or be empty. Resolves `.` and `..`, drops repeated slashes and one at the end, and
 * replaces unprintable bytes. An absolute `path` ignores `dir`.
 * Both must be readable.
 */
struct sinsp_str sinsp_text_concatenated(struct sinsp_str dir,
                                         struct sinsp_str path);

/**
 * The working directory of a process in `cwd` after `chdir(dir)`, with a `/` at its end; valid until the next text on this
 * operating-system thread.
 * Both must be readable.
 */
struct sinsp_str sinsp_text_cwd(struct sinsp_str cwd,
                                struct sinsp_str dir);

/**
 * A time, in nanoseconds since the epoch, as UTC: `2020-04-30T16:00:09.999999999+0000`.
 */
struct sinsp_str sinsp_text_iso_8601(uint64_t ts);

/**
 * A time, in nanoseconds since the epoch, in the local time zone: `16:00:09`, with `date` and `nanoseconds`
 * `2020-04-30 16:00:09.999999999`.
 */
struct sinsp_str sinsp_text_local_time(uint64_t ts, bool date, bool nanoseconds);

/**
 * `path` with U+FFFD in place of unprintable bytes; valid until the next text on this operating-system thread.
 * `path` must be readable.
 */
struct sinsp_str sinsp_text_printable(struct sinsp_str path);

/**
 * `text` with U+FFFD in place of unprintable bytes; `text` itself (the same pointer) if it has none.
 * `text` must be readable.
 */
struct sinsp_str sinsp_text_sanitized(struct sinsp_str text);

/**
 * Makes a thread the child of another.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_thread_add_child(struct sinsp_inspector *inspector,
                                    uint64_t parent,
                                    uint64_t child,
                                    struct sinsp_error **error);

/**
 * Makes `object`, which the inspector takes over, the file that a thread has open as number `fd`, in place of another. Returns false
 * if the thread's table of files is full; the object is released then.
 * `inspector` must be null or live, `object` an object of the stores that belongs to no inspector, `error` null or writable.
 */
bool sinsp_thread_add_fd(struct sinsp_inspector *inspector,
                         uint64_t id,
                         int64_t fd,
                         void *object,
                         struct sinsp_error **error);

/**
 * The main thread of the parent of a thread's process (`generation` 1), of its grandparent (2) and so on; the main thread itself
 * for 0. `SINSP_NO_THREAD` if it is not known.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_ancestor(const struct sinsp_inspector *inspector,
                               uint64_t id,
                               uint32_t generation);

/**
 * Drops the children that are gone from those of a thread.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_thread_clean_children(struct sinsp_inspector *inspector, uint64_t id, struct sinsp_error **error);

/**
 * Calls `visit` for each child of a thread, the latest first, until it returns false; with `SINSP_NO_THREAD` for one that is gone but still
 * counted. Returns false if `visit` did.
 * `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
 */
bool sinsp_thread_each_child(const struct sinsp_inspector *inspector,
                             uint64_t id,
                             sinsp_thread_visitor visit,
                             void *context);

/**
 * Calls `visit` for each file that a thread has open at the time of the call, in no order, until it returns false. Returns
 * false if `visit` did.
 * `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
 */
bool sinsp_thread_each_fd(const struct sinsp_inspector *inspector,
                          uint64_t id,
                          sinsp_fd_visitor visit,
                          void *context);

/**
 * Calls `visit` for the chain of parents, the parent first, until it returns false. A circle ends the chain; `*in_circle`, if not null, becomes
 * whether there is one. Returns false if `visit` did.
 * `inspector` must be null or live, `in_circle` null or writable; `visit` must be callable with `context` and must not throw.
 */
bool sinsp_thread_each_parent(const struct sinsp_inspector *inspector,
                              uint64_t id,
                              bool *in_circle,
                              sinsp_thread_visitor visit,
                              void *context);

/**
 * The value of an environment variable of a thread's process, borrowed like the environment; empty if there is none.
 * `inspector` must be null or live, `name` readable.
 */
struct sinsp_str sinsp_thread_env_var(const struct sinsp_inspector *inspector, uint64_t id, struct sinsp_str name);

/**
 * Copies the scalars of the file that a thread has open as number `fd` to `out`, at most `size` bytes. Returns whether it is
 * known.
 * `inspector` must be null or live, `out` null or writable for `size` bytes.
 */
bool sinsp_thread_fd(const struct sinsp_inspector *inspector,
                     uint64_t id,
                     int64_t fd,
                     struct sinsp_fd *out,
                     size_t size);

/**
 * How many files a thread has open; for one that shares them, its process.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_fd_count(const struct sinsp_inspector *inspector, uint64_t id);

/**
 * How many files the process of a thread may open; -1 where unknown.
 * `inspector` must be null or live.
 */
int64_t sinsp_thread_fd_limit(const struct sinsp_inspector *inspector, uint64_t id);

/**
 * The program's object for a file that a thread has open as number `fd`, which is made if there is none; null if that file is not known.
 * `inspector` must be null or live.
 */
void *sinsp_thread_fd_object(const struct sinsp_inspector *inspector,
                             uint64_t id,
                             int64_t fd);

/**
 * The addresses of the file that a thread has open as number `fd`; family 0 for what is no socket or not known.
 * `inspector` must be null or live.
 */
struct sinsp_sock sinsp_thread_fd_sock(const struct sinsp_inspector *inspector, uint64_t id, int64_t fd);

/**
 * A text (`sinsp_fd_text_id`) of the file that a thread has open as number `fd`, borrowed until the file changes or the inspector goes on;
 * empty if it is not known.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_thread_fd_text(const struct sinsp_inspector *inspector,
                                      uint64_t id,
                                      int64_t fd,
                                      uint32_t which);

/**
 * The thread that would get the children of a thread if it exited; `SINSP_NO_THREAD` if there is none.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_find_reaper(const struct sinsp_inspector *inspector, uint64_t id);

/**
 * Copies the scalars of a thread to `out`, at most `size` bytes: `sizeof` of the struct in the caller's version. Returns whether the thread is
 * there.
 * `inspector` must be null or live, `out` null or writable for `size` bytes.
 */
bool sinsp_thread_get(const struct sinsp_inspector *inspector,
                      uint64_t id,
                      struct sinsp_thread *out,
                      size_t size);

/**
 * Makes a group of `count` threads, as `sinsp_inspector_set_thread_group` does, but stores it under no pid: it becomes the group of `thread`, and
 * exists as long as it is the group of a thread. Returns its number, or `SINSP_NO_THREAD_GROUP` with an error.
 * As `sinsp_inspector_set_thread_group`.
 */
uint64_t sinsp_thread_give_group(struct sinsp_inspector *inspector,
                                 uint64_t thread,
                                 const struct sinsp_thread_group_info *group,
                                 const uint64_t *threads,
                                 size_t count,
                                 struct sinsp_error **error);

/**
 * The group of a thread; `SINSP_NO_THREAD_GROUP` if it is in none.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_group(const struct sinsp_inspector *inspector, uint64_t id);

/**
 * Calls `visit` for each thread of a group, the main thread first if it is known, until it returns false; with `SINSP_NO_THREAD` for one that is
 * gone but still listed. Returns false if `visit` did.
 * `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
 */
bool sinsp_thread_group_each_thread(const struct sinsp_inspector *inspector,
                                    uint64_t group,
                                    sinsp_thread_visitor visit,
                                    void *context);

/**
 * Copies the data of a group to `out`, at most `size` bytes. Returns whether the group is there.
 * `inspector` must be null or live, `out` null or writable for `size` bytes.
 */
bool sinsp_thread_group_get(const struct sinsp_inspector *inspector,
                            uint64_t group,
                            struct sinsp_thread_group_info *out,
                            size_t size);

/**
 * Sets how many threads of a group count as alive, and whether orphans become its children.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_thread_group_set(struct sinsp_inspector *inspector,
                                    uint64_t group,
                                    uint64_t alive,
                                    bool reaper,
                                    struct sinsp_error **error);

/**
 * All texts of a list of a thread, each ended by a NUL; borrowed until the next text on this operating-system thread.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_thread_list(const struct sinsp_inspector *inspector, uint64_t id, uint32_t which);

/**
 * How many texts a list of a thread (`sinsp_thread_list_id`) has; 0 for null and for a thread that is gone.
 * `inspector` must be null or live.
 */
size_t sinsp_thread_list_len(const struct sinsp_inspector *inspector, uint64_t id, uint32_t which);

/**
 * The main thread of a thread's process; `SINSP_NO_THREAD` if that is not known.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_main(const struct sinsp_inspector *inspector, uint64_t id);

/**
 * Gives the children of a thread to `reaper`; with `SINSP_NO_THREAD` they have no parent then.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_thread_move_children(struct sinsp_inspector *inspector,
                                        uint64_t id,
                                        uint64_t reaper,
                                        struct sinsp_error **error);

/**
 * The program's object for a thread, which is made if there is none; null for null, for a thread that is gone, and where no object can be made.
 * Its lifetime is up to the program.
 * `inspector` must be null or live.
 */
void *sinsp_thread_object(const struct sinsp_inspector *inspector,
                          uint64_t id);

/**
 * Removes the file that a thread has open as number `fd`. Returns whether it was known.
 * `inspector` must be null or live, `error` null or writable.
 */
bool sinsp_thread_remove_fd(struct sinsp_inspector *inspector, uint64_t id, int64_t fd, struct sinsp_error **error);

/**
 * Makes an existing group the group of a thread, or with `SINSP_NO_THREAD_GROUP` none. The members of the groups, and how many of them count
 * as alive, do not change.
 * `inspector` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_thread_set_group(struct sinsp_inspector *inspector,
                                    uint64_t thread,
                                    uint64_t group,
                                    struct sinsp_error **error);

/**
 * How many threads of a thread's process have not exited; with the main thread if `with_main`.
 * `inspector` must be null or live.
 */
uint64_t sinsp_thread_siblings(const struct sinsp_inspector *inspector, uint64_t id, bool with_main);

/**
 * A text of a thread (`sinsp_thread_text_id`). `COMM`, `EXE`, `EXEPATH`, `ROOT` and `CWD` are borrowed until the thread changes or the inspector
 * goes on, the others until the next text on this operating-system thread. Empty for null and for a thread that is gone.
 * `inspector` must be null or live.
 */
struct sinsp_str sinsp_thread_text(const struct sinsp_inspector *inspector,
                                   uint64_t id,
                                   uint32_t which);

/**
 * The name of the type `kind` (`PT_*`), such as `CHARBUF`, valid forever; empty if there is none.
 */
struct sinsp_str sinsp_type_name(uint32_t kind);

/**
 * The size of a value of the type `kind` (`PT_*`), in bytes; 0 if it depends on the value.
 */
size_t sinsp_type_size(uint32_t kind);

/**
 * As `sinsp_users_add_user`, for a group.
 * `users` must be null or live, `group` null or readable with its text, `container` readable, `error` null or writable.
 */
bool sinsp_users_add_group(const struct sinsp_users *users,
                           struct sinsp_str container,
                           int64_t pid,
                           const struct sinsp_group *group,
                           bool notify,
                           struct sinsp_error **error);

/**
 * As `sinsp_users_add_user_id`, for a group.
 * `users` must be null or live, `container` readable, `error` null or writable.
 */
bool sinsp_users_add_group_id(const struct sinsp_users *users,
                              struct sinsp_str container,
                              int64_t pid,
                              uint32_t gid,
                              bool notify,
                              struct sinsp_error **error);

/**
 * Adds a user to a container (to the host if that is empty), in place of one of the same id; without a name only if it is not known, from the
 * files of the host or of the process `pid` of the container. Returns whether it is known then.
 *
 * With `notify` the inspector returns an event for the change, if it is open.
 * `users` must be null or live, `user` null or readable with its texts, `container` readable, `error` null or writable.
 */
bool sinsp_users_add_user(const struct sinsp_users *users,
                          struct sinsp_str container,
                          int64_t pid,
                          const struct sinsp_user *user,
                          bool notify,
                          struct sinsp_error **error);

/**
 * Adds the user of a process, if it is not known: id 0 as `root`, others as `sinsp_users_add_user` without a name.
 * `users` must be null or live, `container` readable, `error` null or writable.
 */
bool sinsp_users_add_user_id(const struct sinsp_users *users,
                             struct sinsp_str container,
                             int64_t pid,
                             uint32_t uid,
                             uint32_t gid,
                             bool notify,
                             struct sinsp_error **error);

/**
 * As `sinsp_users_each_user`, for groups.
 * `users` must be null or live, `container` readable, `gid` null or readable; `visit` must be callable with `context` and must not throw;
 * `error` must be null or writable.
 */
bool sinsp_users_each_group(const struct sinsp_users *users,
                            struct sinsp_str container,
                            const uint32_t *gid,
                            sinsp_group_visitor visit,
                            void *context,
                            struct sinsp_error **error);

/**
 * Calls `visit` for each user of a container (of the host if that is empty), in no order, or for the one with the id `*uid` alone if `uid`
 * is not null. Returns whether it was called. The callback must not use these users or their inspector.
 * `users` must be null or live, `container` readable, `uid` null or readable; `visit` must be callable with `context` and must not throw;
 * `error` must be null or writable.
 */
bool sinsp_users_each_user(const struct sinsp_users *users,
                           struct sinsp_str container,
                           const uint32_t *uid,
                           sinsp_user_visitor visit,
                           void *context,
                           struct sinsp_error **error);

/**
 * Ends a handle; null is ignored.
 * `users` must be null or owned and not ended yet.
 */
void sinsp_users_free(struct sinsp_users *users);

/**
 * The users and groups of the inspector; with `beside` a separate set, which is empty at first and belongs to the handle. Null with an error if
 * `inspector` is null.
 * `inspector` must be null or live, and stay so until the handle is freed; `error` null or writable.
 */
struct sinsp_users *sinsp_users_new(const struct sinsp_inspector *inspector,
                                    bool beside,
                                    struct sinsp_error **error);

/**
 * Removes all users and groups of a container; the inspector returns an event for each. Returns false with an error.
 * `users` must be null or live, `container` readable, `error` null or writable.
 */
bool sinsp_users_remove_container(const struct sinsp_users *users,
                                  struct sinsp_str container,
                                  struct sinsp_error **error);

/**
 * Removes a group. Returns whether it was known. With `notify` the inspector returns an event for it.
 * `users` must be null or live, `container` readable, `error` null or writable.
 */
bool sinsp_users_remove_group(const struct sinsp_users *users,
                              struct sinsp_str container,
                              uint32_t gid,
                              bool notify,
                              struct sinsp_error **error);

/**
 * Removes a user. Returns whether it was known. With `notify` the inspector returns an event for it.
 * `users` must be null or live, `container` readable, `error` null or writable.
 */
bool sinsp_users_remove_user(const struct sinsp_users *users,
                             struct sinsp_str container,
                             uint32_t uid,
                             bool notify,
                             struct sinsp_error **error);

/**
 * Adds a value of the type `kind` (`PT_*`) in its binary form.
 * `values` must be null or live, `value` readable, `error` null or writable.
 */
sinsp_status sinsp_values_add(struct sinsp_values *values,
                              uint32_t kind,
                              struct sinsp_str value,
                              struct sinsp_error **error);

/**
 * The first value, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as a cell of a table that is `width` characters wide, at most
 * 65535: integers with a unit of powers of 1024, unless the format is `PF_ID`, durations in two units, aligned to the right; other types as
 * `sinsp_values_text` has them. If `count` is greater than 1, the value is a sum, and its average is shown. Followed by a NUL that is not
 * counted, valid until the next use of the values. Empty without a value, or with an error.
 * `values` must be null or live, `error` null or writable.
 */
struct sinsp_str sinsp_values_cell(const struct sinsp_values *values,
                                   uint32_t kind,
                                   uint32_t format,
                                   uint32_t width,
                                   double count,
                                   struct sinsp_error **error);

/**
 * Removes all values.
 * `values` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_values_clear(struct sinsp_values *values, struct sinsp_error **error);

/**
 * Whether values, or a list of such, compare by an operator of the filter language with those of another field: 1 or 0, or -1 with an
 * error.
 * `op` must be readable, `left` and `right` null or live, `error` null or writable.
 */
int32_t sinsp_values_compare(struct sinsp_str op,
                             bool list,
                             const struct sinsp_values *left,
                             const struct sinsp_values *right,
                             struct sinsp_error **error);

/**
 * Divides every number by `count`, 0 counting as 1; integers are rounded towards zero. An error if a value is no number.
 * `values` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_values_divide(struct sinsp_values *values,
                                 uint32_t count,
                                 struct sinsp_error **error);

/**
 * Ends values; null is ignored.
 * `values` must be null or owned and not ended yet.
 */
void sinsp_values_free(struct sinsp_values *values);

/**
 * The values, of the type `kind` (`PT_*`), in their binary form: `*count` views, each followed by a NUL that it does not count, valid until
 * the next use of the values. Null with an error.
 * `values` must be null or live, `count` and `error` null or writable.
 */
const struct sinsp_str *sinsp_values_get(const struct sinsp_values *values,
                                         uint32_t kind,
                                         size_t *count,
                                         struct sinsp_error **error);

/**
 * The first value, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as JSON; `null` without a value. Followed by a NUL that is
 * not counted, valid until the next use of the values. Empty with an error.
 * `values` must be null or live, `error` null or writable.
 */
struct sinsp_str sinsp_values_json(const struct sinsp_values *values,
                                   uint32_t kind,
                                   uint32_t format,
                                   struct sinsp_error **error);

/**
 * Makes an empty list of values.
 */
struct sinsp_values *sinsp_values_new(void);

/**
 * Adds a value of the type `kind` (`PT_*`) that is written in filters as `text`.
 * `values` must be null or live, `text` readable, `error` null or writable.
 */
sinsp_status sinsp_values_parse(struct sinsp_values *values,
                                uint32_t kind,
                                struct sinsp_str text,
                                struct sinsp_error **error);

/**
 * Replaces everything in texts that cannot be printed by U+FFFD: control characters, and what is no UTF-8.
 * `values` must be null or live, `error` null or writable.
 */
sinsp_status sinsp_values_sanitize(struct sinsp_values *values, struct sinsp_error **error);

/**
 * The positions of the values in the event, `*count` of them in the order of `sinsp_values_get`, valid until the next use of the values; known only
 * if the extractor was asked (`sinsp_extractor_locate`). None at all if the field is a plugin's, which has none for it. Null with an error.
 * `values` must be null or live, `count` and `error` null or writable.
 */
const struct sinsp_span *sinsp_values_spans(const struct sinsp_values *values,
                                            size_t *count,
                                            struct sinsp_error **error);

/**
 * The values, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as one text, in parentheses if they are a `list`;
 * followed by a NUL that is not counted, valid until the next use of the values. Empty with an error.
 * `values` must be null or live, `error` null or writable.
 */
struct sinsp_str sinsp_values_text(const struct sinsp_values *values,
                                   uint32_t kind,
                                   uint32_t format,
                                   bool list,
                                   struct sinsp_error **error);

/**
 * Applies the transformer `name` to values of the type `*kind` (`PT_*`), lists of them if `*list`, and sets `*kind` and `*list` to what they
 * are afterwards. `values` may be null: then these two are set only. Returns 1, 0 if these values cannot be transformed, or -1 with an error if
 * no value of the type can.
 * `values` must be null or live, `name` readable, `kind`, `list` and `error` null or writable.
 */
int32_t sinsp_values_transform(const struct sinsp_values *values,
                               struct sinsp_str name,
                               uint32_t *kind,
                               bool *list,
                               struct sinsp_error **error);

/**
 * The values, with the kind of each: `*count` of them, more than one only if the shape is a list. `shape` is what `sinsp_extractor_run` set for them.
 * They are valid until the next use of the values. No memory is allocated once the values were as long before. Null with an error.
 * `values` must be null or live, `shape` null or readable, `count` and `error` null or writable.
 */
const struct sinsp_value *sinsp_values_typed(const struct sinsp_values *values,
                                             const struct sinsp_shape *shape,
                                             size_t *count,
                                             struct sinsp_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LIBSINSP_CAPI_H */
