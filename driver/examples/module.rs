//! Writes the sources of the kernel module to a folder, where `make` builds the module:
//!
//!     module DIR [NAME=VALUE...]    with names and versions: DRIVER_NAME, DRIVER_DEVICE_NAME, DRIVER_PACKAGE_NAME, DRIVER_VERSION, GIT_COMMIT
//!     module --templates DIR        with `@DRIVER_NAME@` and the like in files that end in `.in`, which CMake replaces
//!
//! Files that are the same already are not written again, so that `make` does not compile them again.

use driver::module::{Names, files, templates};
use std::path::Path;
use std::{env, fs, process::exit};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let written = match args.as_slice() {
        [option, dir] if option == "--templates" => {
            templates().iter().try_for_each(|(path, text)| write(&Path::new(dir).join(path), text))
        }
        [dir, values @ ..] if !dir.starts_with('-') => names(values).and_then(|names| {
            files(&names).iter().try_for_each(|(path, text)| write(&Path::new(dir).join(path), text))
        }),
        _ => Err("usage: module DIR [NAME=VALUE...] | module --templates DIR".into()),
    };
    if let Err(error) = written {
        eprintln!("{error}");
        exit(1);
    }
}

fn names(values: &[String]) -> Result<Names<'_>, String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut names = Names { name: "scap", device: "", package: "scap", version, commit: "unknown" };
    for value in values {
        let Some((name, value)) = value.split_once('=') else { return Err(format!("{value} is not NAME=VALUE")) };
        let place = match name {
            "DRIVER_NAME" => &mut names.name,
            "DRIVER_DEVICE_NAME" => &mut names.device,
            "DRIVER_PACKAGE_NAME" => &mut names.package,
            "DRIVER_VERSION" => &mut names.version,
            "GIT_COMMIT" => &mut names.commit,
            _ => return Err(format!("there is no name {name}")),
        };
        *place = value;
    }
    if names.device.is_empty() {
        names.device = names.name;
    }
    Ok(names)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read(path).is_ok_and(|have| have == text.as_bytes()) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|e| format!("{}: {e}", path.display()))
}
