//! Sets of paths, for `pmatch`: whether a path is one of them or below one.

use super::glob;
use hashbrown::HashMap;

/// A set of paths. Components may be shell patterns.
#[derive(Debug, Default)]
pub struct PathSet {
    root: Directory,
}

#[derive(Debug, Default)]
struct Directory {
    /// A path ends here: everything below matches, so no children are stored.
    is_path: bool,
    names: HashMap<Box<[u8]>, Directory>,
    patterns: Vec<(Box<[u8]>, Directory)>,
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    path.split(|b| *b == b'/').filter(|c| !c.is_empty())
}

impl PathSet {
    /// Adds a path. Repeated and leading slashes are ignored; a path without components is the root.
    pub fn insert(&mut self, path: &[u8]) {
        let mut at = &mut self.root;
        for component in components(path) {
            if at.is_path {
                return;
            }
            at = if component.iter().any(|b| matches!(b, b'?' | b'*' | b'[')) {
                let known = at.patterns.iter().position(|(pattern, _)| **pattern == *component);
                let i = known.unwrap_or_else(|| {
                    at.patterns.push((component.into(), Directory::default()));
                    at.patterns.len() - 1
                });
                &mut at.patterns[i].1
            } else {
                at.names.entry_ref(component).or_default()
            };
        }
        *at = Directory { is_path: true, ..Directory::default() };
    }

    /// Whether `path` is one of the paths or below one.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.root.matches(components(path))
    }
}

impl Directory {
    fn matches<'p>(&self, mut rest: impl Iterator<Item = &'p [u8]> + Clone) -> bool {
        if self.is_path {
            return true;
        }
        let Some(component) = rest.next() else { return false };
        self.names.get(component).is_some_and(|below| below.matches(rest.clone()))
            || self
                .patterns
                .iter()
                .any(|(pattern, below)| glob::matches(pattern, component, false) && below.matches(rest.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> PathSet {
        let mut set = PathSet::default();
        paths.iter().for_each(|p| set.insert(p.as_bytes()));
        set
    }

    #[test]
    fn a_path_lies_under_another() {
        let paths = set(&["/var/run", "/etc", "/lib", "/usr/lib"]);
        for yes in ["/var/run/docker", "/var/run", "/etc/passwd", "//usr///lib/x", "etc"] {
            assert!(paths.matches(yes.as_bytes()), "{yes}");
        }
        for no in ["/boot", "/var/lib/messages", "/var", "/etcetera", "/", ""] {
            assert!(!paths.matches(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn a_shorter_path_makes_longer_ones_needless() {
        for order in [["/usr/lib", "/usr"], ["/usr", "/usr/lib"]] {
            let paths = set(&order);
            assert!(paths.matches(b"/usr/bin") && paths.matches(b"/usr"));
            assert!(paths.root.names[&b"usr"[..]].names.is_empty());
        }
        assert!(set(&["/"]).matches(b"/any") && set(&["/"]).matches(b""));
        assert!(!set(&[]).matches(b"/any"));
    }

    #[test]
    fn components_may_be_patterns() {
        let paths = set(&["/home/*/.ssh", "/proc/[0-9]*/fd", "/proc/*/maps", "/dev/tty?"]);
        assert!(paths.matches(b"/home/me/.ssh/id") && !paths.matches(b"/home/.ssh"));
        assert!(paths.matches(b"/proc/12/fd/3") && paths.matches(b"/proc/12/maps") && !paths.matches(b"/proc/12/mem"));
        assert!(paths.matches(b"/dev/tty1") && !paths.matches(b"/dev/tty12"));
        assert!(set(&["/a/b/c", "/a/*/d"]).matches(b"/a/b/d"));
    }
}
