//! Writes the sources of the kernel module to a folder: `module DIR [NAME]`. `make` builds the module there.

use driver::module::{Names, files};
use std::{env, fs, path::Path, process::exit};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let (dir, name) = match args.as_slice() {
        [dir] => (dir, "scap"),
        [dir, name] => (dir, name.as_str()),
        _ => {
            eprintln!("usage: module DIR [NAME]");
            exit(2);
        }
    };
    let version = env!("CARGO_PKG_VERSION");
    for (path, text) in files(&Names { name, device: name, package: name, version, commit: "unknown" }) {
        let path = Path::new(dir).join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        if let Err(e) = written {
            eprintln!("{}: {e}", path.display());
            exit(1);
        }
    }
}
