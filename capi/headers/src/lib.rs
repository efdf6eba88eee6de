//! The C headers in `include/` and the lists of symbols that the libraries export, made from the sources.
//!
//! `./dev headers` writes them; they are committed, and a test compares them with what would be written.

mod c;
mod scap;

use std::path::PathBuf;

/// A file to be written: its path below the project's root, and its text.
pub type Output = (PathBuf, String);

/// Every file, as it should be.
pub fn outputs() -> Result<Vec<Output>, String> {
    let mut outputs = vec![
        ("include/falcosecurity/driver/ppm_events_public.h".into(), driver::c::EVENTS_PUBLIC_H.to_string()),
        ("include/falcosecurity/driver/event_stats.h".into(), driver::c::EVENT_STATS_H.to_string()),
    ];
    outputs.extend(c::library("capi/scap", "include/falcosecurity/libscap", scap::HEADERS, &scap::tables())?);
    outputs.push(c::handwritten("capi/plugin", "include/falcosecurity/plugin/plugin_loader.h")?);
    outputs.extend(c::configured("capi/sinsp", "include/falcosecurity/libsinsp/capi.h", &[stats("sinsp_stats")])?);
    Ok(outputs)
}

/// The counters of a capture, by this name.
const fn stats(c_name: &'static str) -> c::Foreign {
    c::Foreign { source: "scap-sys/src/engine/stats.rs", name: "Stats", c_name }
}

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
