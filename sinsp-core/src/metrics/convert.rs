//! The units of metrics as consumers want them.

use super::{Metric, Unit, Value};

/// Whose units a metric is converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Prometheus: memory in bytes, percentages as ratios.
    Prometheus,
    /// The outputs of rules: memory in megabytes, with one decimal.
    RuleOutput,
}

impl Metric {
    /// Converts value, unit and name. Does nothing if the convention has no other unit for the metric, or the value has a type that metrics of
    /// this unit do not have.
    pub fn convert(&mut self, convention: Convention) {
        let memory = match (self.unit, self.value) {
            (Unit::Bytes | Unit::Kibibytes, Value::U32(value)) => Some(f64::from(value)),
            (Unit::Bytes | Unit::Kibibytes, Value::U64(value)) => Some(value as f64),
            _ => None,
        };
        match (convention, memory, self.value) {
            (Convention::Prometheus, Some(memory), _) => {
                self.become_unit(
                    convert_memory(self.unit, Unit::Bytes, memory),
                    Unit::Bytes,
                    &["_kb", "_bytes"],
                    "_bytes",
                );
            }
            (Convention::RuleOutput, Some(memory), _) => {
                let megabytes = convert_memory(self.unit, Unit::Megabytes, memory);
                self.become_unit(megabytes, Unit::Megabytes, &["_kb", "_bytes"], "_mb");
            }
            (Convention::Prometheus, None, Value::F64(percent)) if self.unit == Unit::Percent => {
                self.become_unit(percent / 100.0, Unit::Ratio, &["_perc"], "_ratio");
            }
            _ => {}
        }
    }

    fn become_unit(&mut self, value: f64, unit: Unit, old: &[&str], new: &str) {
        self.name = replace_each(&self.name, old, new);
        self.value = Value::F64(value);
        self.unit = unit;
    }

    /// The metric as a line: its name and its value.
    pub fn text(&self) -> String {
        format!("{} {}\n", self.name, self.value_text())
    }

    /// The value, with six decimals if it is a floating-point number.
    pub(super) fn value_text(&self) -> String {
        match self.value {
            Value::U32(value) => value.to_string(),
            Value::I32(value) | Value::Int(value) => value.to_string(),
            Value::U64(value) => value.to_string(),
            Value::I64(value) => value.to_string(),
            Value::F64(value) => decimals(value),
            Value::F32(value) => decimals(value.into()),
        }
    }
}

/// As `%f` of printf prints a number.
fn decimals(value: f64) -> String {
    match value {
        _ if value.is_nan() => if value.is_sign_negative() { "-nan" } else { "nan" }.into(),
        _ => format!("{value:.6}"),
    }
}

/// Converts an amount of memory; KiB and megabytes are rounded to one decimal, and 1024 of one are one of the next. 0 if a unit is not one of
/// memory.
pub(super) fn convert_memory(from: Unit, to: Unit, value: f64) -> f64 {
    let size = |unit| match unit {
        Unit::Bytes => Some(1.0),
        Unit::Kibibytes => Some(1024.0),
        Unit::Megabytes => Some(1024.0 * 1024.0),
        _ => None,
    };
    match (size(from), size(to)) {
        (Some(from), Some(1.0)) => value * from,
        (Some(from), Some(to)) => (value * from / to * 10.0).round() / 10.0,
        _ => 0.0,
    }
}

/// Replaces each of the texts `old`, of several that begin at one place the longest, by `new`.
pub(super) fn replace_each(text: &str, old: &[&str], new: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let longest = old.iter().filter(|old| rest.starts_with(**old)).map(|old| old.len()).max();
        match longest {
            Some(len) => {
                out.push_str(new);
                rest = &rest[len..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(name: &str, value: Value, unit: Unit, convention: Convention) -> (String, Value, Unit) {
        let mut metric = Metric::gauge(name, value, unit);
        metric.convert(convention);
        (metric.name, metric.value, metric.unit)
    }

    #[test]
    fn memory_becomes_bytes_or_megabytes() {
        let rss = |convention| converted("memory_rss_kb", Value::U32(51_200), Unit::Kibibytes, convention);
        assert_eq!(rss(Convention::Prometheus), ("memory_rss_bytes".into(), Value::F64(52_428_800.0), Unit::Bytes));
        assert_eq!(rss(Convention::RuleOutput), ("memory_rss_mb".into(), Value::F64(50.0), Unit::Megabytes));
        let container = converted("used_bytes", Value::U64(1 << 20 | 1 << 17), Unit::Bytes, Convention::RuleOutput);
        assert_eq!(container, ("used_mb".into(), Value::F64(1.1), Unit::Megabytes));
        let signed = converted("used_bytes", Value::I64(5), Unit::Bytes, Convention::RuleOutput);
        assert_eq!(signed, ("used_bytes".into(), Value::I64(5), Unit::Bytes));
    }

    #[test]
    fn percentages_become_ratios_for_prometheus_only() {
        let cpu = |convention| converted("cpu_usage_perc", Value::F64(12.5), Unit::Percent, convention);
        assert_eq!(cpu(Convention::Prometheus), ("cpu_usage_ratio".into(), Value::F64(0.125), Unit::Ratio));
        assert_eq!(cpu(Convention::RuleOutput), ("cpu_usage_perc".into(), Value::F64(12.5), Unit::Percent));
    }

    #[test]
    fn a_line_of_text() {
        assert_eq!(Metric::gauge("load", Value::F64(0.5), Unit::Count).text(), "load 0.500000\n");
        assert_eq!(Metric::gauge("left", Value::Int(-5), Unit::Count).text(), "left -5\n");
        assert_eq!(Metric::gauge("none", Value::F32(f32::NAN), Unit::Count).text(), "none nan\n");
        assert_eq!(Metric::gauge("much", Value::F64(f64::INFINITY), Unit::Count).text(), "much inf\n");
    }

    #[test]
    fn the_longest_text_is_replaced() {
        assert_eq!(replace_each("a_percentage_perc_", &["_perc", "_percentage"], ""), "a_");
        assert_eq!(replace_each("ä_kb_kb", &["_kb", "_bytes"], "_mb"), "ä_mb_mb");
    }
}
