//! Compiles what the library has in C: the tables of the description, and the variadic functions.

use std::{env, fs, path::Path};

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let tables = Path::new(&out).join("event_tables.c");
    fs::write(&tables, driver::c::EVENT_TABLES_C).expect("OUT_DIR can be written");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include/falcosecurity");
    println!("cargo::rerun-if-changed={}", include.join("driver").display());
    println!("cargo::rerun-if-changed={}", include.join("libscap").display());
    println!("cargo::rerun-if-changed=src/capture/variadic.c");
    cc::Build::new()
        .file(tables)
        .file("src/capture/variadic.c")
        .include(include)
        .std("c11")
        .warnings_into_errors(true)
        .extra_warnings(true)
        .compile("scap_c");
}
