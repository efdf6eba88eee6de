//! The description as C text: the generated headers in `include/driver` and the C library's tables.

/// `driver/ppm_events_public.h`: the codes, flags and structs of events.
pub const EVENTS_PUBLIC_H: &str = include_str!(concat!(env!("OUT_DIR"), "/ppm_events_public.h"));

/// `driver/event_stats.h`: the number of events by origin.
pub const EVENT_STATS_H: &str = include_str!(concat!(env!("OUT_DIR"), "/event_stats.h"));

/// The C file that defines the tables: `g_event_info`, `g_syscall_table` and the flag tables.
pub const EVENT_TABLES_C: &str = include_str!(concat!(env!("OUT_DIR"), "/event_tables.c"));
