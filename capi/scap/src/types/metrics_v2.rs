//! The metrics of a capture, each with its name and unit.

use std::ffi::{c_char, c_int};

/// The size of a metric's name, the NUL included.
pub const METRIC_NAME_MAX: usize = 512;

/// Counters of the driver.
pub const METRICS_V2_KERNEL_COUNTERS: u32 = 1 << 0;
/// Run counts and run times of the BPF programs, if the kernel measures them.
pub const METRICS_V2_LIBBPF_STATS: u32 = 1 << 1;
/// The resources that this process uses.
pub const METRICS_V2_RESOURCE_UTILIZATION: u32 = 1 << 2;
/// Counters of the thread and fd tables.
pub const METRICS_V2_STATE_COUNTERS: u32 = 1 << 3;
/// Counters of rules.
pub const METRICS_V2_RULE_COUNTERS: u32 = 1 << 4;
/// Other metrics.
pub const METRICS_V2_MISC: u32 = 1 << 5;
/// Metrics of plugins.
pub const METRICS_V2_PLUGINS: u32 = 1 << 6;
/// Counters of the driver for each CPU; implies `METRICS_V2_KERNEL_COUNTERS`.
pub const METRICS_V2_KERNEL_COUNTERS_PER_CPU: u32 = 1 << 7;
/// Counters of the BPF iterators.
pub const METRICS_V2_KERNEL_ITER_COUNTERS: u32 = 1 << 8;

/// The value of a metric; its `metrics_v2_value_type` says which member is in use.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub union metrics_v2_value {
    pub u32: u32,
    pub s32: i32,
    pub u64: u64,
    pub s64: i64,
    pub d: f64,
    pub f: f32,
    pub i: c_int,
}

/// Which member of `metrics_v2_value` is in use.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum metrics_v2_value_type {
    METRIC_VALUE_TYPE_U32,
    METRIC_VALUE_TYPE_S32,
    METRIC_VALUE_TYPE_U64,
    METRIC_VALUE_TYPE_S64,
    METRIC_VALUE_TYPE_D,
    METRIC_VALUE_TYPE_F,
    METRIC_VALUE_TYPE_I,
    METRIC_VALUE_TYPE_MAX,
}

/// The unit of a metric.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum metrics_v2_value_unit {
    METRIC_VALUE_UNIT_COUNT,
    METRIC_VALUE_UNIT_RATIO,
    METRIC_VALUE_UNIT_PERC,
    METRIC_VALUE_UNIT_MEMORY_BYTES,
    METRIC_VALUE_UNIT_MEMORY_KIBIBYTES,
    METRIC_VALUE_UNIT_MEMORY_MEGABYTES,
    METRIC_VALUE_UNIT_TIME_NS,
    METRIC_VALUE_UNIT_TIME_S,
    METRIC_VALUE_UNIT_TIME_NS_COUNT,
    METRIC_VALUE_UNIT_TIME_S_COUNT,
    METRIC_VALUE_UNIT_TIME_TIMESTAMP_NS,
    METRIC_VALUE_UNIT_MAX,
}

impl metrics_v2_value_unit {
    /// The units, each at its number.
    pub const fn all() -> [metrics_v2_value_unit; metrics_v2_value_unit::METRIC_VALUE_UNIT_MAX as usize] {
        use metrics_v2_value_unit::*;
        [
            METRIC_VALUE_UNIT_COUNT,
            METRIC_VALUE_UNIT_RATIO,
            METRIC_VALUE_UNIT_PERC,
            METRIC_VALUE_UNIT_MEMORY_BYTES,
            METRIC_VALUE_UNIT_MEMORY_KIBIBYTES,
            METRIC_VALUE_UNIT_MEMORY_MEGABYTES,
            METRIC_VALUE_UNIT_TIME_NS,
            METRIC_VALUE_UNIT_TIME_S,
            METRIC_VALUE_UNIT_TIME_NS_COUNT,
            METRIC_VALUE_UNIT_TIME_S_COUNT,
            METRIC_VALUE_UNIT_TIME_TIMESTAMP_NS,
        ]
    }
}

/// Whether a metric only grows.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum metrics_v2_metric_type {
    METRIC_VALUE_METRIC_TYPE_MONOTONIC,
    METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT,
    METRIC_VALUE_METRIC_TYPE_MAX,
}

/// One metric.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct metrics_v2 {
    /// Its name.
    pub name: [c_char; METRIC_NAME_MAX],
    /// The `METRICS_V2_*` kind that it belongs to.
    pub flags: u32,
    /// Whether it only grows.
    pub metric_type: metrics_v2_metric_type,
    /// Its value.
    pub value: metrics_v2_value,
    /// Which member of `value` is in use.
    pub r#type: metrics_v2_value_type,
    /// What it counts.
    pub unit: metrics_v2_value_unit,
}
