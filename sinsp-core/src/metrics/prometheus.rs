//! Metrics in Prometheus's text format.

use super::convert::replace_each;
use super::{Metric, Unit};
use std::fmt::Write;

/// A label: its name and its value.
pub type Label<'a> = (&'a str, &'a str);

/// The abbreviations of units in names, which Prometheus's names of units replace.
const ABBREVIATIONS: [&str; 10] =
    ["_kb", "_bytes", "_mb", "_perc", "_percentage", "_ratio", "_ns", "_ts", "_sec", "_total"];

impl Metric {
    /// The metric as three lines: its help, its type and its value. `namespace` and `subsystem` come before the name unless they are empty; labels
    /// without a name are left out.
    pub fn prometheus_text(&self, namespace: &str, subsystem: &str, labels: &[Label<'_>]) -> String {
        let name = replace_each(&format!("{}{}_", prefix(namespace, subsystem), self.name), &ABBREVIATIONS, "");
        let kind = if self.monotonic { "counter" } else { "gauge" };
        exposition(&(name + unit_name(self.unit)), kind, &self.value_text(), labels)
    }
}

/// A fact, such as a version, that the labels tell, as three lines: a metric `NAME_info` with the value 1.
pub fn info_text(name: &str, namespace: &str, subsystem: &str, labels: &[Label<'_>]) -> String {
    exposition(&format!("{}{name}_info", prefix(namespace, subsystem)), "gauge", "1", labels)
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "total",
        Unit::Ratio => "ratio",
        Unit::Percent => "percentage",
        Unit::Bytes => "bytes",
        Unit::Kibibytes => "kibibytes",
        Unit::Megabytes => "megabytes",
        Unit::Nanoseconds => "nanoseconds",
        Unit::Seconds => "seconds",
        Unit::NanosecondsCount => "nanoseconds_total",
        Unit::SecondsCount => "seconds_total",
        Unit::TimestampNanoseconds => "timestamp_nanoseconds",
    }
}

fn prefix(namespace: &str, subsystem: &str) -> String {
    [namespace, subsystem].into_iter().filter(|part| !part.is_empty()).fold(String::new(), |all, part| all + part + "_")
}

fn exposition(name: &str, kind: &str, value: &str, labels: &[Label<'_>]) -> String {
    let name = valid_name(name, true);
    let mut text = format!("# HELP {name} https://falco.org/docs/metrics/\n# TYPE {name} {kind}\n{name}");
    if !labels.is_empty() {
        text.push('{');
        let mut separator = "";
        for (label, value) in labels.iter().filter(|(label, _)| !label.is_empty()) {
            // A write to a string does not fail.
            let _ = write!(text, "{separator}{}=\"{}\"", valid_name(label, false), escaped(value));
            separator = ",";
        }
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
    text
}

/// The name with `_` in place of each run of characters that may not be in a name, and of underscores; colons are allowed in names of metrics,
/// not of labels. A name begins with a letter or `_`.
fn valid_name(name: &str, colons: bool) -> String {
    let mut valid = String::with_capacity(name.len() + 1);
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() || (colons && c == ':') { c } else { '_' };
        if c != '_' || !valid.ends_with('_') {
            valid.push(c);
        }
    }
    if !valid.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        valid.insert(0, '_');
    }
    valid
}

/// The value of a label, with the escapes that the format requires.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    fn metric(name: &str, value: Value, unit: Unit, monotonic: bool) -> Metric {
        Metric { name: name.into(), value, unit, monotonic }
    }

    #[test]
    fn the_unit_replaces_its_abbreviation() {
        let text = |m: Metric| m.prometheus_text("ns1", "app", &[]).lines().last().unwrap().to_string();
        let cases = [
            (metric("sys_exit.run_cnt", Value::U64(7), Unit::Count, true), "ns1_app_sys_exit_run_cnt_total 7"),
            (
                metric("sys_exit.run_time_ns", Value::U64(9), Unit::NanosecondsCount, true),
                "ns1_app_sys_exit_run_time_nanoseconds_total 9",
            ),
            (metric("n_drops_buffer_total", Value::U64(5), Unit::Count, true), "ns1_app_n_drops_buffer_total 5"),
            (metric("evt_rate_sec", Value::F64(1.5), Unit::Seconds, false), "ns1_app_evt_rate_seconds 1.500000"),
            (
                metric("boot_ts", Value::U64(3), Unit::TimestampNanoseconds, false),
                "ns1_app_boot_timestamp_nanoseconds 3",
            ),
        ];
        for (metric, expected) in cases {
            assert_eq!(text(metric), expected);
        }
    }

    #[test]
    fn three_lines_with_labels() {
        let threads = metric("n_threads", Value::U64(12), Unit::Count, false);
        let expected = "# HELP n_threads_total https://falco.org/docs/metrics/\n# TYPE n_threads_total gauge\n\
                        n_threads_total{host=\"a\",_1_b=\"2\"} 12\n";
        assert_eq!(threads.prometheus_text("", "", &[("host", "a"), ("", "x"), ("1:b", "2")]), expected);
        assert_eq!(threads.prometheus_text("", "", &[("", "x")]).lines().last(), Some("n_threads_total{} 12"));
    }

    #[test]
    fn names_and_values_of_labels_are_made_valid() {
        let info = info_text("56release-:!", "", "", &[("0release__", "6.6\"\\\n")]);
        let expected = "_56release_:_info{_0release_=\"6.6\\\"\\\\\\n\"} 1";
        assert_eq!(info.lines().last(), Some(expected));
        assert!(info_text("", "", "", &[]).ends_with("\n_info 1\n"));
        assert_eq!(info_text("version", "falco", "", &[]).lines().last(), Some("falco_version_info 1"));
    }
}
