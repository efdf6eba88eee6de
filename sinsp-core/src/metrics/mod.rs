//! Metrics: named values about a capture, this process and the state, and their conversion to the units and texts of consumers.

mod convert;
mod prometheus;
mod resources;
mod state;

pub use convert::Convention;
pub use prometheus::{Label, info_text};
pub use resources::of_resources;
pub use scap_sys::linux::Resources;
pub use state::of_state;

/// The file with the memory of the process's cgroup, where none was set: that of version 1 of cgroups, as container runtimes mount it.
pub const CGROUP_MEMORY: &str = "/sys/fs/cgroup/memory/memory.usage_in_bytes";

/// The value of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    U32(u32),
    I32(i32),
    U64(u64),
    I64(i64),
    F64(f64),
    F32(f32),
    Int(i32),
}

/// The unit of a metric, in the order of the C enumerators `METRIC_VALUE_UNIT_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unit {
    Count,
    Ratio,
    Percent,
    Bytes,
    Kibibytes,
    Megabytes,
    Nanoseconds,
    Seconds,
    NanosecondsCount,
    SecondsCount,
    TimestampNanoseconds,
}

impl Unit {
    /// All units.
    pub const ALL: [Unit; 11] = [
        Unit::Count,
        Unit::Ratio,
        Unit::Percent,
        Unit::Bytes,
        Unit::Kibibytes,
        Unit::Megabytes,
        Unit::Nanoseconds,
        Unit::Seconds,
        Unit::NanosecondsCount,
        Unit::SecondsCount,
        Unit::TimestampNanoseconds,
    ];
}

/// A metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, with the abbreviation of its unit at the end.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Its unit.
    pub unit: Unit,
    /// Whether it only grows.
    pub monotonic: bool,
}

impl Metric {
    /// A value that can grow and shrink.
    fn gauge(name: &str, value: Value, unit: Unit) -> Metric {
        Metric { name: name.into(), value, unit, monotonic: false }
    }

    /// A count that only grows.
    fn counter(name: &str, value: Value) -> Metric {
        Metric { name: name.into(), value, unit: Unit::Count, monotonic: true }
    }
}
