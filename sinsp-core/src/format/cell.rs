//! Numbers and durations as cells of a table, right-aligned in columns of a fixed width.

use crate::extracted::Item;
use driver::ParamType;

/// The largest width of a cell.
pub const MAX_WIDTH: usize = 65535;

/// How a number is shown in a cell.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// The width in characters.
    pub width: usize,
    /// The number is a sum of as many, and its average is shown if there are more than one.
    pub count: f64,
    /// The number is an identifier: it has no unit.
    pub id: bool,
}

impl Cell {
    /// Appends a number, a duration or a floating-point number; returns `false`, and appends nothing, for other types. A number that has a unit and
    /// does not fit loses its first characters.
    pub fn text(&self, item: &Item, ty: ParamType, out: &mut Vec<u8>) -> bool {
        let text = match (item, ty) {
            (Item::Uint(ns), ParamType::RELTIME) => duration(self.average(*ns as f64) as u64),
            (Item::Double(n), ParamType::DOUBLE) => format!("{:.2}", self.average(*n)),
            (Item::Int(n), _) if is_integer(ty) => self.number(*n, *n as f64),
            (Item::Uint(n), _) if is_integer(ty) => self.number(*n as i64, *n as f64),
            _ => return false,
        };
        out.resize(out.len() + self.width.saturating_sub(text.len()), b' ');
        out.extend_from_slice(text.as_bytes());
        true
    }

    /// The average of a sum.
    pub fn average(&self, sum: f64) -> f64 {
        if self.count > 1.0 { sum / self.count } else { sum }
    }

    fn number(&self, whole: i64, exact: f64) -> String {
        if self.id {
            return if self.count > 1.0 { whole / self.count as i64 } else { whole }.to_string();
        }
        let is_sum = self.count == 0.0 || self.count == 1.0;
        let text = if is_sum { with_unit(whole as f64, 0) } else { with_unit(self.average(exact), 2) };
        text[text.len().saturating_sub(self.width)..].to_owned()
    }
}

fn is_integer(ty: ParamType) -> bool {
    use ParamType::*;
    matches!(ty, INT8 | INT16 | INT32 | INT64 | UINT8 | UINT16 | UINT32 | UINT64)
}

/// A number with a unit of powers of 1024: `1.50K`.
fn with_unit(n: f64, digits: usize) -> String {
    let exponent = (1..=5).rev().find(|e| n > 1024f64.powi(*e));
    match exponent {
        Some(e) => format!("{:.digits$}{}", n / 1024f64.powi(e), b"KMGTP"[e as usize - 1] as char),
        None => format!("{n:.digits$}"),
    }
}

/// A duration in nanoseconds, in two units: `1.10s`.
fn duration(ns: u64) -> String {
    const MICRO: u64 = 1_000;
    const MILLI: u64 = 1_000_000;
    const SECOND: u64 = 1_000_000_000;
    match ns {
        _ if ns >= 3600 * SECOND => {
            format!("{:02}:{:02}:{:02}", ns / (3600 * SECOND), ns / (60 * SECOND) % 60, ns / SECOND % 60)
        }
        _ if ns >= 60 * SECOND => format!("{}:{}", ns / (60 * SECOND), ns / SECOND % 60),
        _ if ns >= SECOND => format!("{}.{:02}s", ns / SECOND, ns % SECOND / (SECOND / 100)),
        _ if ns >= 10 * MILLI => format!("{}ms", ns / MILLI),
        _ if ns >= MILLI => format!("{}.{:02}ms", ns / MILLI, ns % MILLI / (MILLI / 100)),
        _ if ns >= 10 * MICRO => format!("{}us", ns / MICRO),
        _ if ns >= MICRO => format!("{}.{:02}us", ns / MICRO, ns % MICRO / (MICRO / 100)),
        _ => format!("{ns}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParamType::*;

    fn shown(item: Item, ty: ParamType, width: usize, count: f64, id: bool) -> Option<String> {
        let mut out = Vec::new();
        Cell { width, count, id }.text(&item, ty, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn numbers() {
        let cases = [
            (Item::Uint(1230), UINT64, 8, 1.0, false, "      1K"),
            (Item::Uint(1024), UINT64, 8, 0.0, false, "    1024"),
            (Item::Int(-5), INT32, 5, 1.0, false, "   -5"),
            (Item::Uint(3 << 20), UINT32, 8, 2.0, false, "   1.50M"),
            (Item::Uint(1 << 60), UINT64, 8, 0.5, false, "1024.00P"),
            (Item::Uint(1 << 60), UINT64, 4, 0.5, false, ".00P"),
            (Item::Int(1234567), INT64, 4, 1.0, true, "1234567"),
            (Item::Int(21), INT64, 4, 2.0, true, "  10"),
            (Item::Double(2.5), DOUBLE, 8, 2.0, false, "    1.25"),
        ];
        for (item, ty, width, count, id, want) in cases {
            assert_eq!(shown(item, ty, width, count, id).as_deref(), Some(want), "{item:?} {count}");
        }
        assert_eq!(shown(Item::Bool(true), BOOL, 8, 1.0, false), None);
        assert_eq!(shown(Item::Uint(5), ABSTIME, 8, 1.0, false), None);
    }

    #[test]
    fn durations() {
        let cases = [
            (3_661_000_000_000, "01:01:01"),
            (61_000_000_000, "1:1"),
            (1_100_000_000, "1.10s"),
            (25_900_000, "25ms"),
            (1_234_000, "1.23ms"),
            (25_900, "25us"),
            (1_050, "1.05us"),
            (999, "999ns"),
        ];
        for (ns, want) in cases {
            assert_eq!(shown(Item::Uint(ns), RELTIME, 1, 1.0, false).as_deref(), Some(want));
        }
        assert_eq!(shown(Item::Uint(3000), RELTIME, 8, 3.0, false).as_deref(), Some("  1.00us"));
    }
}
