//! The version nodes of the shared library's symbols, one file for each release that added some: `capi/symbols/1.0.txt` has those of the node
//! `FALCOSECURITY_RS_1.0`. `cmake/link-shared.sh` makes the version script of them; the list for Debian's tools is made here.
//!
//! The file of the release in progress is generated. The first line of a released one says `released`: it never changes, and all its symbols are
//! exported for as long as the soname stays.

use crate::Output;
use std::collections::BTreeSet;
use std::fs;

const DIR: &str = "capi/symbols";
const OPEN: &str = "# In progress: ./dev headers writes this list until the release.";
const RELEASED: &str = "# released";

/// A release by its first two numbers.
type Release = (u32, u32);

struct Node {
    release: Release,
    released: bool,
    symbols: BTreeSet<String>,
}

/// Returns the list of the release `version` (of three numbers), if it has symbols of its own, and Debian's list of all.
pub fn outputs(version: &str, exports: BTreeSet<String>) -> Result<Vec<Output>, String> {
    let current = release(version).ok_or_else(|| format!("{version} is not a version"))?;
    let nodes = divide(current, nodes()?, exports)?;
    let mut outputs = Vec::new();
    if let Some(node) = nodes.iter().find(|n| n.release == current && !n.released) {
        outputs.push((format!("{DIR}/{}.{}.txt", current.0, current.1).into(), listing(OPEN, &node.symbols)));
    }
    outputs.push((format!("debian/libfalcosecurity-rs{}.symbols", current.0).into(), debian(current.0, &nodes)));
    Ok(outputs)
}

/// Divides what is exported between the released nodes and that of the current release, the last one.
fn divide(current: Release, mut nodes: Vec<Node>, exports: BTreeSet<String>) -> Result<Vec<Node>, String> {
    nodes.retain(|n| n.release.0 == current.0 && (n.released || n.release != current));
    nodes.sort_by_key(|n| n.release);
    let mut rest = exports;
    for node in &nodes {
        let (major, minor) = node.release;
        if !node.released {
            return Err(format!("{DIR}/{major}.{minor}.txt is of a release that was not made: remove it"));
        }
        if node.release > current {
            return Err(format!("{DIR}/{major}.{minor}.txt is of a later release than {}.{}", current.0, current.1));
        }
        if let Some(lost) = node.symbols.difference(&rest).next() {
            return Err(format!("{lost}, of release {major}.{minor}, is not exported: ABI {major} only grows"));
        }
        rest.retain(|s| !node.symbols.contains(s));
    }
    if let Some(new) = rest.first() {
        if nodes.last().is_some_and(|n| n.release == current) {
            let (major, minor) = current;
            return Err(format!(
                "{new} is new, and {major}.{minor} was released: raise the version in Cargo.toml to {major}.{}.0",
                minor + 1
            ));
        }
        nodes.push(Node { release: current, released: false, symbols: rest });
    }
    Ok(nodes)
}

fn release(version: &str) -> Option<Release> {
    let mut numbers = version.split('.').map(|n| n.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

fn nodes() -> Result<Vec<Node>, String> {
    let dir = crate::root().join(DIR);
    let mut nodes = Vec::new();
    let Ok(entries) = fs::read_dir(&dir) else { return Ok(nodes) };
    for entry in entries {
        let path = entry.map_err(|e| format!("{DIR}: {e}"))?.path();
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        let release = release(name).ok_or_else(|| format!("{}: the name is no release", path.display()))?;
        let symbols = text.lines().filter(|l| !l.starts_with('#')).map(str::to_string).collect();
        nodes.push(Node { release, released: text.starts_with(RELEASED), symbols });
    }
    Ok(nodes)
}

fn listing(first: &str, symbols: &BTreeSet<String>) -> String {
    symbols.iter().fold(format!("{first}\n"), |text, s| text + s + "\n")
}

/// The `.symbols` file of the Debian package: each symbol with the first version of the package that has it.
fn debian(abi: u32, nodes: &[Node]) -> String {
    let mut text = format!(
        "libfalcosecurity-rs.so.{abi} libfalcosecurity-rs{abi} #MINVER#\n* Build-Depends-Package: libfalcosecurity-rs-dev\n"
    );
    let lines = nodes.iter().flat_map(|node| {
        let (major, minor) = node.release;
        let name = format!("FALCOSECURITY_RS_{major}.{minor}");
        let symbols = [&name].into_iter().chain(&node.symbols);
        symbols.map(|s| format!(" {s}@{name} {major}.{minor}.0\n")).collect::<Vec<_>>()
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    text.extend(lines);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| n.to_string()).collect()
    }

    fn node(release: Release, released: bool, names: &[&str]) -> Node {
        Node { release, released, symbols: set(names) }
    }

    #[test]
    fn later_symbols_get_a_node_of_their_own() {
        let nodes = divide((1, 1), vec![node((1, 0), true, &["a", "b"])], set(&["a", "b", "c"])).unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!((nodes[1].release, &nodes[1].symbols), ((1, 1), &set(&["c"])));
        let text = debian(1, &nodes);
        assert!(text.contains(" b@FALCOSECURITY_RS_1.0 1.0.0\n c@FALCOSECURITY_RS_1.1 1.1.0\n"), "{text}");
    }

    #[test]
    fn a_release_in_progress_has_all_new_symbols() {
        let nodes = divide((1, 0), vec![node((1, 0), false, &["gone"])], set(&["a"])).unwrap();
        assert_eq!(nodes[0].symbols, set(&["a"]));
    }

    #[test]
    fn a_released_node_stays() {
        let released = || vec![node((1, 0), true, &["a"])];
        let lost = divide((1, 1), released(), set(&["b"])).err().unwrap();
        assert!(lost.starts_with("a, of release 1.0, is not exported"), "{lost}");
        let added = divide((1, 0), released(), set(&["a", "b"])).err().unwrap();
        assert!(added.contains("raise the version in Cargo.toml to 1.1.0"), "{added}");
        assert_eq!(divide((1, 3), released(), set(&["a"])).unwrap().len(), 1);
        // Another soname begins with lists of its own.
        assert_eq!(divide((2, 0), released(), set(&["b"])).unwrap()[0].release, (2, 0));
    }
}
