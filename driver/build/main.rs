//! Reads the description in `schema/` and writes what the rest of the project is built from.

mod header;
mod rust;
mod schema;

use std::{env, fs, path::Path, process::exit};

fn main() {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed=build");
    let schema = match schema::Schema::read(Path::new("schema")) {
        Ok(schema) => schema,
        Err(error) => {
            // A mistake in a row is the reader's business, not a backtrace's.
            eprintln!("error: {error}");
            exit(1);
        }
    };
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for (name, text) in [
        ("tables.rs", rust::tables(&schema)),
        ("ppm_events_public.h", header::events_public(&schema)),
        ("event_stats.h", header::event_stats(&schema)),
        ("event_tables.c", header::tables(&schema)),
    ] {
        fs::write(Path::new(&out).join(name), text).expect("OUT_DIR can be written");
    }
}
