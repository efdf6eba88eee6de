//! The build script: reads the description in `schema/` and writes the code generated from it.

mod bpf;
mod header;
mod rust;
mod schema;
mod source;

use std::{env, fs, path::Path, process::exit};

/// What the kernel module shares with programs: its names and versions, and the versions of its interface.
const CONFIG: &str = "driver_config.h.in";
const API_VERSION: &str = "../include/falcosecurity/driver/ppm_api_version.h";

fn main() {
    for input in ["schema", "build", "helpers", "bpf", "kmod", CONFIG, API_VERSION] {
        println!("cargo::rerun-if-changed={input}");
    }
    for variable in ["CLANG", "LLVM_STRIP"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if let Err(error) = build() {
        // Prints an error of the description without a backtrace.
        eprintln!("error: {error}");
        exit(1);
    }
}

fn build() -> Result<(), String> {
    let dir = Path::new("schema");
    let schema = schema::Schema::read(dir)?;
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    let write = |name: &str, text: &str| {
        let path = out.join(name);
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    write("tables.rs", &rust::tables(&schema))?;
    write("ppm_events_public.h", &header::events_public(&schema))?;
    write("event_stats.h", &header::event_stats(&schema))?;
    write("event_tables.c", &header::tables(&schema))?;

    let target = env::var("CARGO_CFG_TARGET_ARCH").expect("cargo sets CARGO_CFG_TARGET_ARCH");
    let big_endian = env::var("CARGO_CFG_TARGET_ENDIAN").is_ok_and(|e| e == "big");
    // One architecture has another name in Rust.
    let arch = if target == "powerpc64" { "ppc64le" } else { &target };
    let helpers = fs::read_to_string(dir.join("helpers.txt")).map_err(|e| format!("schema/helpers.txt: {e}"))?;
    let vocabulary = source::Vocabulary::parse(&helpers)?;
    for driver in ["bpf", "kmod"] {
        vocabulary.check_defined(driver, &[headers("helpers")?, headers(driver)?].concat())?;
    }
    let generated = bpf::generate(&schema, &vocabulary, arch)?;
    write("constants.h", &generated.constants)?;
    write("programs.h", &generated.programs)?;
    write("probe.rs", &generated.rust)?;
    for object in ["probe", "iterators"] {
        bpf::compile(object, Path::new("bpf"), out, &target, big_endian)?;
    }
    module(out, &generated)
}

/// The text of the C headers in a folder.
fn headers(folder: &str) -> Result<String, String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).map_err(|e| format!("{folder}: {e}"))? {
        let path = entry.map_err(|e| format!("{folder}: {e}"))?.path();
        if path.extension().is_some_and(|e| e == "h") {
            text += &fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    Ok(text)
}

/// Puts the sources of the kernel module together in `OUT_DIR/kmod`: its own, the helpers, and what is generated.
fn module(out: &Path, generated: &bpf::Generated) -> Result<(), String> {
    let to = out.join("kmod");
    let fail = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    if to.exists() {
        fs::remove_dir_all(&to).map_err(|e| fail(&to, e))?;
    }
    fs::create_dir_all(to.join("configure")).map_err(|e| fail(&to, e))?;
    for (from, below) in [("helpers", "."), ("kmod", "."), ("kmod/configure", "configure")] {
        for entry in fs::read_dir(from).map_err(|e| fail(Path::new(from), e))? {
            let path = entry.map_err(|e| fail(Path::new(from), e))?.path();
            if let (true, Some(name)) = (path.is_file(), path.file_name()) {
                fs::copy(&path, to.join(below).join(name)).map_err(|e| fail(&path, e))?;
            }
        }
    }
    let generated = [
        ("constants.h", &generated.constants),
        ("programs.h", &generated.programs),
        ("exit_programs.h", &generated.exits),
        ("enter_programs.h", &generated.enters),
    ];
    for path in [CONFIG, API_VERSION].map(Path::new) {
        fs::copy(path, to.join(path.file_name().expect("it is a file"))).map_err(|e| fail(path, e))?;
    }
    for (name, text) in generated {
        fs::write(to.join(name), text).map_err(|e| fail(&to.join(name), e))?;
    }
    // The files, for the table `MODULE`.
    let mut names = Vec::new();
    for below in ["", "configure/"] {
        for entry in fs::read_dir(to.join(below)).map_err(|e| fail(&to, e))? {
            let path = entry.map_err(|e| fail(&to, e))?.path();
            if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|n| n.to_str())) {
                names.push(format!("{below}{name}"));
            }
        }
    }
    names.sort();
    let rows = names
        .iter()
        .map(|name| format!("    ({name:?}, include_str!(concat!(env!(\"OUT_DIR\"), \"/kmod/{name}\"))),\n"));
    let table = format!("&[\n{}]\n", rows.collect::<String>());
    let path = out.join("module.rs");
    fs::write(&path, table).map_err(|e| fail(&path, e))
}
