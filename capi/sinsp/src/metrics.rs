//! Metrics as C has them: their conversion to other units and to text, and those of this process and of the state.

use crate::ffi::{build_text, entries, guard_plain, sinsp_str};
use scap::types::metrics_v2::*;
use sinsp_core::inspector::ScanOptions;
use sinsp_core::metrics::{self, Convention, Label, Metric, Resources, Unit, Value};
use sinsp_core::state::{Census, StateCounts};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Whose units `sinsp_metric_convert` uses.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_metric_units {
    /// Prometheus's: memory in bytes, percentages as ratios.
    SINSP_METRIC_PROMETHEUS,
    /// Those of the outputs of rules: memory in megabytes, with one decimal.
    SINSP_METRIC_RULE_OUTPUT,
}

/// A label of a metric.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_metric_label {
    /// Its name; a label with an empty one is left out.
    pub name: sinsp_str,
    /// Its value.
    pub value: sinsp_str,
}

/// Counters of the tables of an inspector's state. A cached look-up is one of what was looked up last.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_state_counters {
    /// Look-ups that found an fd.
    pub fd_lookups_noncached: u64,
    /// Look-ups of the fd of the last look-up.
    pub fd_lookups_cached: u64,
    /// Look-ups of fds that are not in the table.
    pub fd_lookups_failed: u64,
    /// Fds that were added.
    pub fds_added: u64,
    /// Fds that were removed, without those of removed threads.
    pub fds_removed: u64,
    /// Enter events kept for their exit events.
    pub enter_events_kept: u64,
    /// Enter events that were not kept because their thread is not in the table.
    pub enter_events_not_kept: u64,
    /// Exit events whose enter event was kept.
    pub enter_events_found: u64,
    /// Exit events whose enter event was missing.
    pub enter_events_missed: u64,
    /// Look-ups that found a thread.
    pub thread_lookups_noncached: u64,
    /// Look-ups of the thread of the last look-up.
    pub thread_lookups_cached: u64,
    /// Look-ups that found no thread.
    pub thread_lookups_failed: u64,
    /// Threads that were added.
    pub threads_added: u64,
    /// Threads that were removed.
    pub threads_removed: u64,
    /// Threads that were dropped because the table was full.
    pub threads_dropped: u32,
}

const _: () = {
    assert!(size_of::<sinsp_state_counters>() == size_of::<StateCounts>());
    assert!(offset_of!(sinsp_state_counters, fds_removed) == offset_of!(StateCounts, fds_removed));
    assert!(offset_of!(sinsp_state_counters, enter_events_missed) == offset_of!(StateCounts, enter_events_missed));
    assert!(offset_of!(sinsp_state_counters, threads_removed) == offset_of!(StateCounts, threads_removed));
    assert!(offset_of!(sinsp_state_counters, threads_dropped) == offset_of!(StateCounts, threads_dropped));
};

thread_local! {
    static COLLECTED: RefCell<Vec<metrics_v2>> = const { RefCell::new(Vec::new()) };
}

/// Collects metrics in the list of this operating-system thread, which is valid until it collects others.
pub(crate) fn collect<E>(
    count: Option<&mut u32>,
    add: impl FnOnce(&mut Vec<metrics_v2>) -> Result<(), E>,
) -> Result<*const metrics_v2, E> {
    COLLECTED.with_borrow_mut(|list| {
        list.clear();
        add(list)?;
        if let Some(count) = count {
            *count = list.len() as u32;
        }
        Ok(if list.is_empty() { std::ptr::null() } else { list.as_ptr() })
    })
}

/// A metric of the kind `flags` as C has it; a name that is too long is cut.
fn to_c(metric: &Metric, flags: u32) -> metrics_v2 {
    use metrics_v2_metric_type::*;
    use metrics_v2_value_type::*;
    let (r#type, value) = match metric.value {
        Value::U32(u32) => (METRIC_VALUE_TYPE_U32, metrics_v2_value { u32 }),
        Value::I32(s32) => (METRIC_VALUE_TYPE_S32, metrics_v2_value { s32 }),
        Value::U64(u64) => (METRIC_VALUE_TYPE_U64, metrics_v2_value { u64 }),
        Value::I64(s64) => (METRIC_VALUE_TYPE_S64, metrics_v2_value { s64 }),
        Value::F64(d) => (METRIC_VALUE_TYPE_D, metrics_v2_value { d }),
        Value::F32(f) => (METRIC_VALUE_TYPE_F, metrics_v2_value { f }),
        Value::Int(i) => (METRIC_VALUE_TYPE_I, metrics_v2_value { i }),
    };
    let metric_type = if metric.monotonic {
        METRIC_VALUE_METRIC_TYPE_MONOTONIC
    } else {
        METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT
    };
    let mut out =
        metrics_v2 { name: [0; METRIC_NAME_MAX], flags, metric_type, value, r#type, unit: UNITS[metric.unit as usize] };
    capi_common::copy(&mut out.name, metric.name.as_bytes());
    out
}

/// The units of C, in the order of [`Unit`].
const UNITS: [metrics_v2_value_unit; Unit::ALL.len()] = metrics_v2_value_unit::all();

/// A metric of C; `None` for null, and for numbers that are no enumerators.
///
/// # Safety
/// `metric` must be null or readable; its enumerators may be any numbers.
unsafe fn from_c(metric: *const metrics_v2) -> Option<Metric> {
    if metric.is_null() {
        return None;
    }
    // SAFETY: by `# Safety`, `metric` is readable. The enumerators are read as numbers, since C may have stored any; the members of the union
    // are numbers, so that any bytes are valid.
    unsafe {
        let number = |at: *const u32| at.read();
        let unit = *Unit::ALL.get(number((&raw const (*metric).unit).cast()) as usize)?;
        let value = &raw const (*metric).value;
        let value = match number((&raw const (*metric).r#type).cast()) {
            0 => Value::U32((*value).u32),
            1 => Value::I32((*value).s32),
            2 => Value::U64((*value).u64),
            3 => Value::I64((*value).s64),
            4 => Value::F64((*value).d),
            5 => Value::F32((*value).f),
            6 => Value::Int((*value).i),
            _ => return None,
        };
        let monotonic = number((&raw const (*metric).metric_type).cast()) == 0;
        let name = &*(&raw const (*metric).name).cast::<[u8; METRIC_NAME_MAX]>();
        let name = name.split(|&b| b == 0).next().unwrap_or_default();
        Some(Metric { name: String::from_utf8_lossy(name).into_owned(), value, unit, monotonic })
    }
}

/// # Safety
/// `text` must be readable.
unsafe fn lossy<'a>(text: sinsp_str) -> Cow<'a, str> {
    // SAFETY: by `# Safety`, `text` is readable.
    String::from_utf8_lossy(unsafe { text.bytes() })
}

/// Converts a metric to other units (a `sinsp_metric_units`), and adapts its name. Does nothing to a metric that has no other unit, nor if an
/// enumerator is not known.
///
/// # Safety
/// `metric` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_metric_convert(metric: *mut metrics_v2, units: u32) {
    const PROMETHEUS: u32 = sinsp_metric_units::SINSP_METRIC_PROMETHEUS as u32;
    const RULE_OUTPUT: u32 = sinsp_metric_units::SINSP_METRIC_RULE_OUTPUT as u32;
    let convention = match units {
        PROMETHEUS => Convention::Prometheus,
        RULE_OUTPUT => Convention::RuleOutput,
        _ => return,
    };
    // SAFETY: by `# Safety`, `metric` is null or readable.
    let Some(known) = (unsafe { from_c(metric) }) else { return };
    guard_plain((), || {
        let mut converted = known.clone();
        converted.convert(convention);
        if converted != known {
            // SAFETY: `from_c` returns nothing for null, and `metric` is writable by `# Safety`.
            unsafe { metric.write(to_c(&converted, (*metric).flags)) };
        }
    });
}

/// A metric as a line of text: its name, a space and its value. A floating-point number has six decimals. Empty if its enumerators are not known.
///
/// # Safety
/// `metric` must be null or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_metric_text(metric: *const metrics_v2) -> sinsp_str {
    // SAFETY: by `# Safety`, `metric` is null or readable.
    let Some(metric) = (unsafe { from_c(metric) }) else { return sinsp_str::EMPTY };
    build_text(|out| out.extend_from_slice(metric.text().as_bytes()))
}

/// A metric in Prometheus's text format: three lines with its help, its type and its value. `prefix` and `subsystem` come before its name
/// unless they are empty. Empty if its enumerators are not known.
///
/// # Safety
/// `metric` must be null or readable; the texts readable, and `labels` and the texts of `label_count` labels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_metric_prometheus_text(
    metric: *const metrics_v2,
    prefix: sinsp_str,
    subsystem: sinsp_str,
    labels: *const sinsp_metric_label,
    label_count: usize,
) -> sinsp_str {
    // SAFETY: by `# Safety`, `metric` is null or readable.
    let Some(metric) = (unsafe { from_c(metric) }) else { return sinsp_str::EMPTY };
    // SAFETY: this `# Safety` includes that of `prometheus`.
    unsafe { prometheus(prefix, subsystem, labels, label_count, |p, s, labels| metric.prometheus_text(p, s, labels)) }
}

/// A fact, such as a version, that is in the labels, in Prometheus's text format: a metric `NAME_info` with the value 1.
///
/// # Safety
/// The texts must be readable, and `labels` and the texts of `label_count` labels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_info_prometheus_text(
    name: sinsp_str,
    prefix: sinsp_str,
    subsystem: sinsp_str,
    labels: *const sinsp_metric_label,
    label_count: usize,
) -> sinsp_str {
    // SAFETY: by `# Safety`, `name` is readable.
    let name = unsafe { lossy(name) };
    // SAFETY: this `# Safety` includes that of `prometheus`.
    unsafe {
        prometheus(prefix, subsystem, labels, label_count, |p, s, labels| metrics::info_text(&name, p, s, labels))
    }
}

/// # Safety
/// The texts must be readable, and `labels` and the texts of `count` labels.
unsafe fn prometheus(
    prefix: sinsp_str,
    subsystem: sinsp_str,
    labels: *const sinsp_metric_label,
    count: usize,
    text: impl FnOnce(&str, &str, &[Label<'_>]) -> String,
) -> sinsp_str {
    // SAFETY: by `# Safety`, `labels` is null or has `count` labels.
    let labels = unsafe { entries(labels, count) };
    build_text(|out| {
        // SAFETY: by `# Safety`, all texts are readable.
        let (prefix, subsystem, labels) = unsafe {
            let labels: Vec<_> = labels.iter().map(|label| (lossy(label.name), lossy(label.value))).collect();
            (lossy(prefix), lossy(subsystem), labels)
        };
        let labels: Vec<Label<'_>> = labels.iter().map(|(name, value)| (&**name, &**value)).collect();
        out.extend_from_slice(text(&prefix, &subsystem, &labels).as_bytes());
    })
}

/// The name of the environment variable with the file of the cgroup's memory, where the program has no other.
const CGROUP_MEMORY_VARIABLE: &str = "AGENT_CGROUP_MEM_PATH";

/// The file with the memory of this process's cgroup: the variable's value, unless that is empty or has `..` in it.
fn cgroup_memory(variable: &[u8]) -> PathBuf {
    let variable = if variable.is_empty() { CGROUP_MEMORY_VARIABLE.as_bytes() } else { variable };
    // A name with these bytes is not one of a variable, and reading it would panic.
    let is_name = !variable.iter().any(|&b| b == b'=' || b == 0);
    let value = is_name.then(|| std::env::var_os(OsStr::from_bytes(variable))).flatten();
    let usable = value.filter(|path| !path.is_empty() && !path.as_bytes().windows(2).any(|two| two == b".."));
    usable.map_or_else(|| metrics::CGROUP_MEMORY.into(), PathBuf::from)
}

/// The metrics of the resources that this process and the host use; `*count` of them, valid until this operating-system thread collects others.
/// `host_root` is where the host's root directory is mounted, empty on the host itself; `cgroup_variable` the name of the environment
/// variable with the file of the cgroup's memory, empty for `AGENT_CGROUP_MEM_PATH`. What cannot be read is 0. Any thread may call this.
///
/// # Safety
/// The texts must be readable, `count` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_resource_metrics(
    host_root: sinsp_str,
    cgroup_variable: sinsp_str,
    count: *mut u32,
) -> *const metrics_v2 {
    // SAFETY: by `# Safety`, the texts are readable and `count` is null or writable.
    let (host_root, variable, count) = unsafe { (host_root.bytes(), cgroup_variable.bytes(), count.as_mut()) };
    guard_plain(std::ptr::null(), || {
        let options =
            ScanOptions { host_root: Path::new(OsStr::from_bytes(host_root)).into(), ..ScanOptions::default() };
        let resources = Resources::read(&options, &cgroup_memory(variable));
        let add = |list: &mut Vec<metrics_v2>| -> Result<(), ()> {
            list.extend(metrics::of_resources(&resources).iter().map(|m| to_c(m, METRICS_V2_RESOURCE_UTILIZATION)));
            Ok(())
        };
        collect(count, add).unwrap_or(std::ptr::null())
    })
}

/// The metrics of a state with this many threads and fds, and its counters unless `counters` is null; `*count` of them, valid until this
/// operating-system thread collects others.
///
/// # Safety
/// `counters` must be null or readable, `count` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_state_metrics(
    counters: *const sinsp_state_counters,
    threads: u64,
    fds: u64,
    count: *mut u32,
) -> *const metrics_v2 {
    // SAFETY: by `# Safety`, both are null or valid; the counters have the layout of `StateCounts`, and are only
    // loaded.
    let (counters, count) = unsafe { (counters.cast::<StateCounts>().as_ref(), count.as_mut()) };
    guard_plain(std::ptr::null(), || {
        let add = |list: &mut Vec<metrics_v2>| -> Result<(), ()> {
            let metrics = metrics::of_state(Census { threads, fds }, counters);
            list.extend(metrics.iter().map(|m| to_c(m, METRICS_V2_STATE_COUNTERS)));
            Ok(())
        };
        collect(count, add).unwrap_or(std::ptr::null())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: sinsp_str) -> String {
        // SAFETY: a text that was built just now.
        String::from_utf8(unsafe { text.bytes() }.to_vec()).unwrap()
    }

    #[test]
    fn a_metric_goes_to_c_and_back() {
        let kinds = [
            Value::U32(1),
            Value::I32(-2),
            Value::U64(3),
            Value::I64(-4),
            Value::F64(0.5),
            Value::F32(1.5),
            Value::Int(-7),
        ];
        for (value, unit) in kinds.into_iter().zip(Unit::ALL) {
            let metric = Metric { name: "a".into(), value, unit, monotonic: true };
            let c = to_c(&metric, 64);
            // SAFETY: a local.
            assert_eq!((unsafe { from_c(&c) }, c.flags), (Some(metric), 64));
        }
        let long = Metric { name: "x".repeat(600), value: Value::Int(1), unit: Unit::Count, monotonic: false };
        // SAFETY: a local.
        assert_eq!(unsafe { from_c(&to_c(&long, 0)) }.unwrap().name.len(), METRIC_NAME_MAX - 1);
    }

    #[test]
    fn unknown_enumerators_and_null_are_no_metric() {
        // SAFETY: null is allowed.
        unsafe {
            assert_eq!(text(sinsp_metric_text(std::ptr::null())), "");
            sinsp_metric_convert(std::ptr::null_mut(), 0);
        }
        let mut c = std::mem::MaybeUninit::<metrics_v2>::zeroed();
        // SAFETY: the memory is zeroed, and the enumerator is written as a number.
        unsafe {
            (&raw mut (*c.as_mut_ptr()).unit).cast::<u32>().write(77);
            assert_eq!(text(sinsp_metric_text(c.as_ptr())), "");
            sinsp_metric_convert(c.as_mut_ptr(), 1);
        }
    }

    #[test]
    fn conversion_and_texts_through_c() {
        let rss =
            Metric { name: "memory_rss_kb".into(), value: Value::U32(2048), unit: Unit::Kibibytes, monotonic: false };
        let mut c = to_c(&rss, METRICS_V2_RESOURCE_UTILIZATION);
        let s = |text: &str| sinsp_str::of(text.as_bytes());
        let (name, value) = ("host".to_string(), "b".to_string());
        let label = sinsp_metric_label { name: s(&name), value: s(&value) };
        // SAFETY: locals.
        unsafe {
            sinsp_metric_convert(&mut c, 7);
            sinsp_metric_convert(&mut c, sinsp_metric_units::SINSP_METRIC_RULE_OUTPUT as u32);
            assert_eq!(
                (text(sinsp_metric_text(&c)), c.flags),
                ("memory_rss_mb 2.000000\n".into(), METRICS_V2_RESOURCE_UTILIZATION)
            );
            let prometheus = text(sinsp_metric_prometheus_text(&c, s("t"), s("f"), &label, 1));
            assert!(prometheus.ends_with("\nt_f_memory_rss_megabytes{host=\"b\"} 2.000000\n"), "{prometheus}");
            let info = text(sinsp_info_prometheus_text(s("version"), s(""), s("f"), &label, 1));
            assert!(info.ends_with("\nf_version_info{host=\"b\"} 1\n"), "{info}");
        }
    }

    #[test]
    fn a_path_of_a_cgroup_does_not_leave_its_directory() {
        assert_eq!(cgroup_memory(b"NO_SUCH_VARIABLE"), PathBuf::from(metrics::CGROUP_MEMORY));
        assert_eq!(cgroup_memory(b"A=B\0"), PathBuf::from(metrics::CGROUP_MEMORY));
        assert_eq!(cgroup_memory(b"CARGO_MANIFEST_DIR"), PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    }
}
