//! Writes the C headers and the lists of exported symbols. With `--check` it compares instead and names the files that differ.

use std::{env, fs, process::exit};

fn main() {
    let check = env::args().any(|a| a == "--check");
    let outputs = headers::outputs().unwrap_or_else(|e| fail(&e));
    let mut stale = 0;
    for (path, text) in outputs {
        let full = headers::root().join(&path);
        if fs::read_to_string(&full).is_ok_and(|old| old == text) {
            continue;
        }
        stale += 1;
        println!("{} {}", if check { "differs:" } else { "written:" }, path.display());
        if !check {
            let dir = full.parent().expect("a file is in a folder");
            let written = fs::create_dir_all(dir).and_then(|()| fs::write(&full, text));
            written.unwrap_or_else(|e| fail(&format!("{}: {e}", full.display())));
        }
    }
    if check && stale > 0 {
        fail("the headers are not those of the sources: run `./dev headers`");
    }
}

fn fail(error: &str) -> ! {
    eprintln!("{error}");
    exit(1)
}
