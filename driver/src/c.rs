//! The description in C, as text: what `include/driver` holds and what the C library's tables are compiled from.

/// `driver/ppm_events_public.h`: the codes, flags and shapes of events.
pub const EVENTS_PUBLIC_H: &str = include_str!(concat!(env!("OUT_DIR"), "/ppm_events_public.h"));

/// `driver/event_stats.h`: how many events there are of each origin.
pub const EVENT_STATS_H: &str = include_str!(concat!(env!("OUT_DIR"), "/event_stats.h"));

/// The C file that defines the tables: `g_event_info`, `g_syscall_table` and the flag tables.
pub const EVENT_TABLES_C: &str = include_str!(concat!(env!("OUT_DIR"), "/event_tables.c"));
