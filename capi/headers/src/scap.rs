//! The headers of libscap.

use crate::c::{EMPTY, Header};

/// The variables that the C tables define: those that `ppm_events_public.h` declares, and the two that programs declare
/// themselves.
pub fn tables() -> Vec<String> {
    let declared = driver::c::EVENTS_PUBLIC_H.lines().filter_map(|line| {
        let name = line.strip_prefix("extern const struct ")?.strip_suffix("[];")?;
        Some(name.split(' ').next_back()?.to_string())
    });
    declared.chain(["g_event_info".to_string(), "g_syscall_table".to_string()]).collect()
}

/// The headers, those that others include first.
pub const HEADERS: &[Header] = &[
    Header { path: "scap_const.h", sources: &["scap_const.rs"], ..EMPTY },
    Header { path: "scap_limits.h", sources: &["scap_limits.rs"], ..EMPTY },
    Header { path: "scap_log.h", sources: &["scap_log.rs"], ..EMPTY },
    Header { path: "engine_handle.h", sources: &["engine_handle.rs"], ..EMPTY },
    Header {
        path: "scap_cgroup_set.h",
        sources: &["scap_cgroup_set.rs"],
        includes: &["libscap/scap_limits.h"],
        ..EMPTY
    },
    Header { path: "scap_machine_info.h", sources: &["scap_machine_info.rs"], includes: &["stdint.h"], ..EMPTY },
    Header {
        path: "metrics_v2.h",
        sources: &["metrics_v2.rs"],
        includes: &["stdint.h"],
        before: "/* What the names of counters start with: of all events, by CPU, and by device. */\n\
                 #define N_EVENTS_PREFIX \"n_evts\"\n\
                 #define N_EVENTS_PER_CPU_PREFIX \"n_evts_cpu_\"\n\
                 #define N_DROPS_PER_CPU_PREFIX \"n_drops_cpu_\"\n\
                 #define N_EVENTS_PER_DEVICE_PREFIX \"n_evts_dev_\"\n\
                 #define N_DROPS_PER_DEVICE_PREFIX \"n_drops_dev_\"\n",
        ..EMPTY
    },
    Header {
        path: "scap_procs.h",
        sources: &["scap_procs.rs"],
        includes: &["stdint.h"],
        before: "typedef struct scap scap_t;\n\
                 typedef struct scap_threadinfo scap_threadinfo;\n\
                 typedef struct scap_fdinfo scap_fdinfo;\n",
        ..EMPTY
    },
    Header {
        path: "scap_open.h",
        sources: &["scap_open.rs"],
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
        sources: &["scap_vtable.rs"],
        includes: &["stdint.h", "libscap/engine_handle.h", "libscap/scap_open.h"],
        before: "struct scap_stats;\nstruct metrics_v2;\nstruct scap_proclist;\n",
        tags: &["scap", "ppm_evt_hdr", "scap_stats", "metrics_v2"],
        ..EMPTY
    },
    Header {
        path: "scap_engines.h",
        sources: &["scap_engines.rs"],
        includes: &["libscap/scap_vtable.h", "libscap/scap_config.h"],
        ..EMPTY
    },
    Header {
        path: "engine/savefile/savefile_public.h",
        sources: &["savefile_public.rs"],
        includes: &["stdint.h", "libscap/scap_procs.h"],
        before: "#define SAVEFILE_ENGINE \"savefile\"\n\nstruct scap_platform;\n",
        tags: &["scap_platform"],
        ..EMPTY
    },
    Header {
        path: "engine/modern_bpf/modern_bpf_public.h",
        sources: &["modern_bpf_public.rs"],
        includes: &["stdbool.h", "stdint.h"],
        before: "#define MODERN_BPF_ENGINE \"modern_bpf\"\n",
        ..EMPTY
    },
    Header {
        path: "scap.h",
        sources: &["scap.rs", "handle.rs", "event.rs", "tables.rs"],
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
            "libscap/metrics_v2.h",
            "libscap/scap_cgroup_set.h",
            "libscap/scap_const.h",
            "libscap/scap_limits.h",
            "libscap/scap_machine_info.h",
            "libscap/scap_open.h",
            "libscap/scap_procs.h",
            "libscap/uthash_ext.h",
        ],
        before: "/* The oldest driver that this version works with. */\n\
                 #define SCAP_MINIMUM_DRIVER_API_VERSION PPM_API_VERSION(10, 0, 0)\n\
                 #define SCAP_MINIMUM_DRIVER_SCHEMA_VERSION PPM_API_VERSION(4, 3, 0)\n\n\
                 typedef struct scap scap_t;\n\
                 typedef struct ppm_evt_hdr scap_evt;\n\
                 struct scap_platform;\n\
                 struct scap_vtable;\n",
        tags: &["scap_vtable", "scap_platform", "ppm_event_info", "scap_cgroup_set", "enum ppm_event_category"],
        ..EMPTY
    },
    Header {
        path: "scap-int.h",
        sources: &["scap_int.rs"],
        includes: &[
            "stdint.h",
            "libscap/engine_handle.h",
            "libscap/scap_const.h",
            "libscap/scap_log.h",
            "libscap/scap_vtable.h",
        ],
        ..EMPTY
    },
    Header { path: "scap_print.h", sources: &["scap_print.rs"], includes: &["libscap/scap.h"], ..EMPTY },
];
