//! The C headers in `include/`, the lists of exported symbols and their versions, and the pages of fields and events in `docs/`, generated from the Rust sources.
//!
//! `./dev headers` writes them. They are committed, and a test compares them with the generated text.

mod c;
mod pages;
mod scap;
mod symbols;

use std::path::PathBuf;

/// A file to write: its path below the project's root, and its text.
pub type Output = (PathBuf, String);

/// Returns every generated file.
pub fn outputs() -> Result<Vec<Output>, String> {
    let mut outputs = vec![
        ("include/falcosecurity/driver/ppm_events_public.h".into(), driver::c::EVENTS_PUBLIC_H.to_string()),
        ("include/falcosecurity/driver/event_stats.h".into(), driver::c::EVENT_STATS_H.to_string()),
    ];
    outputs.extend(c::library("capi/scap", "include/falcosecurity/libscap", scap::HEADERS, &scap::tables())?);
    outputs.push(c::handwritten("capi/plugin", "include/falcosecurity/plugin/plugin_loader.h")?);
    outputs.extend(c::configured(
        "capi/sinsp",
        "include/falcosecurity/libsinsp/capi.h",
        &[stats("sinsp_stats"), THREAD],
    )?);
    let exports = outputs.iter().filter(|(path, _)| path.ends_with("exports.txt"));
    let exports = exports.flat_map(|(_, text)| text.lines().map(str::to_string)).collect();
    outputs.extend(symbols::outputs(env!("CARGO_PKG_VERSION"), exports)?);
    outputs.push(("docs/fields.md".into(), pages::fields()));
    outputs.push(("docs/events.md".into(), pages::events()));
    Ok(outputs)
}

/// The scalars of a thread.
const THREAD: c::Foreign =
    c::Foreign { source: "sinsp-core/src/state/thread_scalars.rs", name: "ThreadScalars", c_name: "sinsp_thread" };

/// The counters of a capture, which C calls `c_name`.
const fn stats(c_name: &'static str) -> c::Foreign {
    c::Foreign { source: "scap-sys/src/engine/stats.rs", name: "Stats", c_name }
}

/// The project's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
