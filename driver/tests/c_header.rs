//! Tests that the C header has the values of the Rust tables.

use driver::{Category, EVENTS, EventFlags, Format, ParamType, SCS, c::EVENTS_PUBLIC_H};

/// The value of the enumerator or macro `name` in the header.
fn value(name: &str) -> Option<u64> {
    let text = EVENTS_PUBLIC_H.lines().find_map(|line| {
        let line = line.trim().trim_end_matches(',');
        match line.strip_prefix("#define ") {
            Some(rest) => rest.strip_prefix(name)?.strip_prefix(' '),
            None => line.strip_prefix(name)?.strip_prefix(" = "),
        }
    })?;
    let text = text.trim_matches(['(', ')', 'U', 'L']);
    match (text.split_once(" << "), text.strip_prefix("0x")) {
        (Some((one, by)), _) => Some(one.parse::<u64>().ok()? << by.parse::<u32>().ok()?),
        (None, Some(hex)) => u64::from_str_radix(hex, 16).ok(),
        (None, None) => text.parse().ok(),
    }
}

#[test]
fn types_and_formats() {
    for (ty, name) in ParamType::ALL {
        assert_eq!(value(&format!("PT_{name}")), Some(*ty as u64), "{name}");
    }
    for (format, name) in Format::ALL {
        let name = if *name == "PADDED_DEC" { "10_PADDED_DEC" } else { name };
        assert_eq!(value(&format!("PF_{name}")), Some(*format as u64), "{name}");
    }
}

#[test]
fn categories_and_flags() {
    macro_rules! same {
        ($ty:ident, $prefix:literal: $($name:ident)+) => {
            $(assert_eq!(value(concat!($prefix, stringify!($name))), Some($ty::$name.0 as u64), stringify!($name));)+
        };
    }
    same!(Category, "EC_": UNKNOWN OTHER FILE NET IPC MEMORY PROCESS SLEEP SYSTEM SIGNAL USER TIME PROCESSING IO_BASE
        IO_READ IO_WRITE IO_OTHER WAIT SCHEDULER INTERNAL SYSCALL TRACEPOINT PLUGIN METAEVENT ITER);
    same!(EventFlags, "EF_": CREATES_FD DESTROYS_FD USES_FD READS_FROM_FD WRITES_TO_FD MODIFIES_STATE UNUSED WAITS
        SKIPPARSERESET OLD_VERSION LARGE_PAYLOAD CONVERTER_MANAGED);
}

#[test]
fn events_and_system_calls() {
    for event in &EVENTS {
        assert_eq!(value(&format!("PPME_{}", event.enum_name)), Some(event.ty.0 as u64), "{}", event.enum_name);
    }
    for sc in &SCS {
        if let Some(name) = sc.name {
            let row = format!("\tPPM_SC_X({}, {})", name.to_uppercase(), sc.sc.0);
            assert!(EVENTS_PUBLIC_H.lines().any(|l| l.trim_end_matches([' ', '\\']) == row), "{row}");
        }
    }
}

#[test]
fn flags() {
    for (name, flag) in [("PPM_O_CREAT", 4), ("PPM_CL_CLONE_THREAD", 0x2000), ("PPM_CAP_BPF", 1 << 39)] {
        assert_eq!(value(name), Some(flag), "{name}");
    }
}
