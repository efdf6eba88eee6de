//! The headers of libscap.

use crate::c::{EMPTY, Foreign, Header};

/// The variables that the C tables define: those that `ppm_events_public.h` declares, and the two of `scap-int.h`.
pub fn tables() -> Vec<String> {
    let declared = driver::c::EVENTS_PUBLIC_H.lines().filter_map(|line| {
        let name = line.strip_prefix("extern const struct ")?.strip_suffix("[];")?;
        Some(name.split(' ').next_back()?.to_string())
    });
    declared.chain(["g_event_info".to_string(), "g_syscall_table".to_string()]).collect()
}

/// The headers, each after those that it includes.
pub const HEADERS: &[Header] = &[
    Header { path: "scap_const.h", sources: &["types/scap_const.rs"], ..EMPTY },
    Header { path: "scap_limits.h", sources: &["types/scap_limits.rs"], ..EMPTY },
    Header { path: "scap_log.h", sources: &["types/scap_log.rs"], ..EMPTY },
    Header { path: "engine_handle.h", sources: &["types/engine.rs: scap_engine_handle"], ..EMPTY },
    Header {
        path: "scap_cgroup_set.h",
        sources: &["types/scap_cgroup_set.rs"],
        includes: &["libscap/scap_limits.h"],
        ..EMPTY
    },
    Header { path: "scap_machine_info.h", sources: &["types/scap_machine_info.rs"], includes: &["stdint.h"], ..EMPTY },
    Header {
        path: "metrics_v2.h",
        sources: &["types/metrics_v2.rs"],
        includes: &["stdint.h"],
        before: "/** The prefixes of counter names: of all events, of each CPU, and of each device. */\n\
                 #define N_EVENTS_PREFIX \"n_evts\"\n\
                 #define N_EVENTS_PER_CPU_PREFIX \"n_evts_cpu_\"\n\
                 #define N_DROPS_PER_CPU_PREFIX \"n_drops_cpu_\"\n\
                 #define N_EVENTS_PER_DEVICE_PREFIX \"n_evts_dev_\"\n\
                 #define N_DROPS_PER_DEVICE_PREFIX \"n_drops_dev_\"\n",
        ..EMPTY
    },
    Header {
        path: "scap_procs.h",
        sources: &["types/scap_procs.rs", "platform/scap_procs.rs"],
        includes: &["stdint.h"],
        before: "typedef struct scap scap_t;\n\
                 typedef struct scap_threadinfo scap_threadinfo;\n\
                 typedef struct scap_fdinfo scap_fdinfo;\n",
        ..EMPTY
    },
    Header {
        path: "scap_open.h",
        sources: &["types/scap_open.rs"],
        includes: &[
            "stdbool.h",
            "stdint.h",
            "driver/ppm_events_public.h",
            "libscap/scap_limits.h",
            "libscap/scap_log.h",
            "libscap/scap_procs.h",
        ],
        ..EMPTY
    },
    Header {
        path: "scap_vtable.h",
        sources: &[
            "types/enums.rs: scap_ppm_sc_mask_op, scap_setting",
            "types/engine.rs: scap_t, scap_evt, scap_savefile_vtable, ENGINE_FLAG_BPF_STATS_ENABLED, scap_vtable",
        ],
        includes: &["stdint.h", "libscap/engine_handle.h", "libscap/scap_open.h"],
        before: "struct scap_stats;\nstruct metrics_v2;\nstruct scap_proclist;\n",
        tags: &["scap", "ppm_evt_hdr", "scap_stats", "metrics_v2"],
        ..EMPTY
    },
    Header {
        path: "scap_engines.h",
        sources: &["engine/scap_engines.rs"],
        includes: &["libscap/scap_vtable.h", "libscap/scap_config.h"],
        ..EMPTY
    },
    Header {
        path: "engine/savefile/savefile_public.h",
        sources: &["engine/savefile.rs", "platform/alloc.rs: scap_savefile_alloc_platform"],
        includes: &["stdint.h", "libscap/scap_procs.h"],
        before: "#define SAVEFILE_ENGINE \"savefile\"\n\nstruct scap_platform;\n",
        tags: &["scap_platform"],
        ..EMPTY
    },
    Header {
        path: "engine/modern_bpf/modern_bpf_public.h",
        sources: &["engine/modern_bpf.rs"],
        includes: &["stdbool.h", "stdint.h"],
        before: "#define MODERN_BPF_ENGINE \"modern_bpf\"\n\nstruct scap_linux_vtable;\n",
        tags: &["scap_linux_vtable"],
        ..EMPTY
    },
    Header {
        path: "engine/kmod/kmod_public.h",
        sources: &["engine/kmod.rs"],
        before: "#define KMOD_ENGINE \"kmod\"\n\nstruct scap_linux_vtable;\n",
        tags: &["scap_linux_vtable"],
        ..EMPTY
    },
    Header {
        path: "engine/source_plugin/plugin_info.h",
        sources: &["types/plugin_info.rs"],
        includes: &["stdint.h", "plugin/plugin_api.h"],
        ..EMPTY
    },
    Header {
        path: "engine/source_plugin/source_plugin_public.h",
        sources: &["engine/source_plugin.rs"],
        includes: &["libscap/engine/source_plugin/plugin_info.h"],
        before: "#define SOURCE_PLUGIN_ENGINE \"source_plugin\"\n",
        ..EMPTY
    },
    Header {
        path: "engine/noop/noop.h",
        sources: &["engine/noop.rs"],
        includes: &["libscap/engine_handle.h", "libscap/scap_vtable.h"],
        tags: &["scap_stats", "metrics_v2"],
        ..EMPTY
    },
    Header {
        path: "engine/test_input/scap_test.h",
        sources: &["types/scap_test.rs"],
        includes: &["stdlib.h"],
        before: "struct ppm_evt_hdr;\nstruct scap_threadinfo;\nstruct scap_fdinfo;\n",
        tags: &["ppm_evt_hdr", "scap_threadinfo", "scap_fdinfo"],
        ..EMPTY
    },
    Header {
        path: "engine/test_input/test_input_public.h",
        sources: &["engine/test_input.rs", "platform/alloc.rs: scap_test_input_alloc_platform"],
        includes: &["libscap/engine/test_input/scap_test.h", "libscap/scap_procs.h"],
        before: "#define TEST_INPUT_ENGINE \"test_input\"\n\nstruct scap_platform;\n",
        tags: &["scap_platform"],
        ..EMPTY
    },
    Header {
        path: "scap.h",
        sources: &[
            "types/scap.rs",
            "capture/open.rs",
            "capture/read.rs",
            "capture/settings.rs",
            "capture/stats.rs",
            "capture/event.rs",
            "capture/encode.rs",
            "platform/fd_table.rs",
            "capture/tables.rs",
        ],
        includes: &[
            "stdarg.h",
            "stdbool.h",
            "stddef.h",
            "stdint.h",
            "time.h",
            "driver/capture_macro.h",
            "driver/ppm_api_version.h",
            "driver/ppm_events_public.h",
            "libscap/engine/kmod/kmod_public.h",
            "libscap/engine/modern_bpf/modern_bpf_public.h",
            "libscap/engine/nodriver/nodriver_public.h",
            "libscap/engine/savefile/savefile_public.h",
            "libscap/engine/source_plugin/source_plugin_public.h",
            "libscap/engine/test_input/test_input_public.h",
            "libscap/metrics_v2.h",
            "libscap/scap_cgroup_set.h",
            "libscap/scap_const.h",
            "libscap/scap_limits.h",
            "libscap/scap_machine_info.h",
            "libscap/scap_open.h",
            "libscap/scap_platform_api.h",
            "libscap/scap_procs.h",
            "libscap/uthash_ext.h",
        ],
        before: "/*\n\
                 \x20* Threads: one operating-system thread at a time uses a capture, a platform, a dumper or a conversion buffer;\n\
                 \x20* different objects are independent. A callback may call functions on the object that calls it, except those that\n\
                 \x20* close or free it; a function that needs the object while it is busy fails with an error.\n\
                 \x20*/\n\n\
                 /** The oldest driver versions that this library works with. */\n\
                 #define SCAP_MINIMUM_DRIVER_API_VERSION PPM_API_VERSION(10, 0, 0)\n\
                 #define SCAP_MINIMUM_DRIVER_SCHEMA_VERSION PPM_API_VERSION(4, 3, 0)\n\n\
                 typedef struct scap scap_t;\n\
                 typedef struct ppm_evt_hdr scap_evt;\n\
                 struct scap_platform;\n\
                 struct scap_vtable;\n",
        after: SCAP_AFTER,
        foreign: &[crate::stats("scap_stats")],
        tags: &["scap_vtable", "scap_platform", "ppm_event_info", "scap_cgroup_set", "enum ppm_event_category"],
    },
    Header {
        path: "scap_platform_api.h",
        sources: &["platform/scap_platform_api.rs"],
        includes: &["stdbool.h", "stdint.h"],
        before: "struct ppm_proclist_info;\n\
                 struct scap_addrlist;\n\
                 struct scap_platform;\n\
                 struct scap_threadinfo;\n\
                 struct scap_userlist;\n\
                 typedef struct _scap_agent_info scap_agent_info;\n",
        tags: &[
            "scap_addrlist",
            "scap_platform",
            "scap_threadinfo",
            "scap_userlist",
            "_scap_agent_info",
            "_scap_machine_info",
            "ppm_proclist_info",
        ],
        ..EMPTY
    },
    Header {
        path: "scap_engine_util.h",
        sources: &["engine/scap_engine_util.rs"],
        includes: &["stdbool.h", "stdint.h"],
        ..EMPTY
    },
    Header {
        path: "scap_api_version.h",
        sources: &["capture/scap_api_version.rs"],
        includes: &["stdbool.h", "stdint.h", "libscap/engine_handle.h"],
        before: "struct scap_vtable;\n",
        tags: &["scap_vtable", "scap_engine_handle"],
        ..EMPTY
    },
    Header {
        path: "scap_drops.h",
        sources: &["capture/scap_drops.rs"],
        includes: &["stdint.h", "driver/ppm_events_public.h"],
        before: "typedef struct scap scap_t;\n",
        ..EMPTY
    },
    Header { path: "engine/savefile/converter/results.h", sources: &["types/enums.rs: conversion_result"], ..EMPTY },
    Header {
        path: "engine/savefile/converter/converter.h",
        sources: &["savefile/converter.rs"],
        includes: &["stdint.h", "libscap/engine/savefile/converter/results.h"],
        before: "typedef struct ppm_evt_hdr scap_evt;\n",
        ..EMPTY
    },
    Header {
        path: "scap_savefile_api.h",
        sources: &[
            "types/enums.rs: compression_mode",
            "savefile/scap_savefile_api.rs",
            "savefile/scap_savefile_lists.rs",
        ],
        includes: &["stdbool.h", "stdint.h", "libscap/scap_const.h"],
        before: "struct iovec;\nstruct scap_platform;\nstruct scap_threadinfo;\ntypedef struct ppm_evt_hdr scap_evt;\n",
        tags: &["iovec", "scap_platform", "scap_dumper", "scap_threadinfo"],
        ..EMPTY
    },
    Header {
        path: "scap_platform.h",
        sources: &["platform/alloc.rs: scap_generic_alloc_platform", "platform/scap_platform.rs"],
        includes: &["stdint.h", "libscap/engine_handle.h", "libscap/scap_procs.h"],
        before: "struct scap_open_args;\nstruct scap_platform;\n",
        tags: &["scap_platform", "scap_open_args"],
        ..EMPTY
    },
    Header {
        path: "linux/scap_linux_platform.h",
        sources: &[
            "types/scap_linux_platform.rs",
            "platform/alloc.rs: scap_linux_alloc_platform, scap_linux_hostinfo_alloc_platform",
        ],
        includes: &["stdbool.h", "stdint.h", "libscap/engine_handle.h", "libscap/scap_procs.h"],
        before: "struct ppm_proclist_info;\n\
                 struct scap_platform;\n",
        tags: &["scap_platform", "ppm_proclist_info"],
        foreign: &[Foreign {
            source: "capi/scap/src/types/scap_platform_impl.rs",
            name: "PublicPlatform",
            c_name: "scap_platform",
        }],
        ..EMPTY
    },
    Header {
        path: "scap_proc_util.h",
        sources: &["platform/scap_proc_util.rs"],
        includes: &["stdbool.h", "stdint.h"],
        before: "struct scap_linux_platform;\nstruct scap_proclist;\n",
        tags: &["scap_linux_platform", "scap_proclist"],
        ..EMPTY
    },
    Header {
        path: "linux/scap_cgroup.h",
        sources: &["platform/scap_cgroup.rs"],
        includes: &[
            "stdbool.h",
            "stdint.h",
            "libscap/scap_cgroup_set.h",
            "libscap/scap_limits.h",
            "libscap/scap_log.h",
        ],
        before: "/** Loops over the strings of a set; needs string.h. */\n\
                 #define FOR_EACH_SUBSYS(cgset, subsys) \\\n\
                 \x20   for(const char *subsys = (cgset)->path, *_end = (cgset)->path + (cgset)->len; subsys < _end; \\\n\
                 \x20       subsys += strlen(subsys) + 1)\n",
        ..EMPTY
    },
    Header {
        path: "../../libpman.h",
        sources: &["pman/libpman.rs"],
        includes: &["stdbool.h", "stdint.h", "libscap/scap_log.h", "libscap/scap.h"],
        before: "struct scap_fetch_callbacks;\n",
        tags: &["scap_fetch_callbacks"],
        ..EMPTY
    },
    Header {
        path: "scap-int.h",
        sources: &["types/engine.rs: scap", "platform/proclist_info.rs"],
        includes: &[
            "stdbool.h",
            "stdint.h",
            "driver/ppm_events_public.h",
            "libscap/engine_handle.h",
            "libscap/linux/scap_cgroup.h",
            "libscap/scap_assert.h",
            "libscap/scap_const.h",
            "libscap/scap_log.h",
            "libscap/scap_vtable.h",
        ],
        after: SCAP_INT_AFTER,
        tags: &["ppm_proclist_info"],
        ..EMPTY
    },
    Header {
        path: "scap_print.h",
        sources: &["types/enums.rs: scap_print_evt_info", "print/scap_print.rs", "print/scap_print_procs.rs"],
        includes: &["libscap/scap.h"],
        ..EMPTY
    },
];

/// Declares the tables that are generated from the driver's event description.
const SCAP_INT_AFTER: &str = r"
/** The events, by event code. */
extern const struct ppm_event_info g_event_info[];
/** The system calls, by native number. */
extern const struct syscall_evt_pair g_syscall_table[];
";

/// Declares the functions that `variadic.c` defines.
const SCAP_AFTER: &str = r"
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
";
