//! The cgroups of a thread: `controller=path` for each controller, for cgroup v1 and v2 (cgroups(7)).
//!
//! For v1, `/proc/<pid>/cgroup` has this form. For v2 it has one path for all controllers; a controller that is not enabled
//! in that cgroup applies from the nearest ancestor in which it is enabled, and that is the thread's cgroup for it.
//!
//! In a cgroup namespace, the kernel shows paths relative to the namespace's root, such as `/../../x`. The root's path on
//! the host is found by a search for our own pid from the host's root cgroup downwards.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::procfs::{Dir, has_scan_error, host_dir, io, lines, read_file, unescape, watched, words};
use crate::Result;

/// The cgroup mounts of the host, and caches.
#[derive(Default)]
pub struct Cgroups {
    /// The mount point of each v1 controller.
    v1: Vec<(Vec<u8>, PathBuf)>,
    /// The mount point of v2; empty if there is none.
    v2: PathBuf,
    /// The root of our cgroup namespace per controller, with `""` for v2. Empty in the host's namespace.
    namespace_root: HashMap<Vec<u8>, Vec<u8>>,
    /// The controllers that are enabled in a v2 cgroup.
    controllers: HashMap<PathBuf, Vec<Vec<u8>>>,
    /// The result for each content of `/proc/<pid>/cgroup`: thousands of threads share a few contents.
    known: HashMap<Vec<u8>, Vec<u8>>,
}

/// The limit for the number of entries of each cache.
const KNOWN_MAX: usize = 4096;

impl Cgroups {
    /// The cgroup mounts of the host whose root directory is `host_root`.
    pub fn of_host(host_root: &Path) -> Result<Cgroups> {
        let proc = host_root.join("proc");
        watched(|| Ok(Cgroups::new(&Dir::open(&proc).map_err(|e| io(&proc, e))?, &proc)))
    }

    /// From the results of an earlier [`Cgroups::of_host`]: the mount point of v2 (empty if there is none), and the roots
    /// of our cgroup namespace per controller.
    pub fn known(v2: PathBuf, namespace_root: HashMap<Vec<u8>, Vec<u8>>) -> Cgroups {
        Cgroups { v2, namespace_root, ..Cgroups::default() }
    }

    /// The mount point of each v1 controller.
    pub fn mounts_v1(&self) -> &[(Vec<u8>, PathBuf)] {
        &self.v1
    }

    /// The mount point of v2.
    pub fn mount_v2(&self) -> Option<&Path> {
        Some(&*self.v2).filter(|dir| !dir.as_os_str().is_empty())
    }

    /// The controllers of v2.
    pub fn controllers_v2(&mut self) -> Result<Vec<Vec<u8>>> {
        watched(|| Ok(if self.v2.as_os_str().is_empty() { Vec::new() } else { self.enabled(&self.v2.clone()) }))
    }

    /// The root of our cgroup namespace per controller, with `""` for v2; empty in the host's namespace.
    pub fn namespace_roots(&self) -> &HashMap<Vec<u8>, Vec<u8>> {
        &self.namespace_root
    }

    /// Reads the mounts of the host's init process.
    pub(super) fn new(proc: &Dir, proc_path: &Path) -> Cgroups {
        let mut all = Cgroups::default();
        let mut text = Vec::new();
        if proc.read(c"1/mounts", &mut text, 64 << 20).is_err()
            && proc.read(c"self/mounts", &mut text, 64 << 20).is_err()
        {
            return all;
        }
        let namespaced = matches!(
            (proc.link(c"self/ns/cgroup"), proc.link(c"1/ns/cgroup")),
            (Ok(ours), Ok(init)) if ours != init
        );
        let mut own = Vec::new();
        if proc.read(c"self/cgroup", &mut own, 1 << 16).is_err() {
            own.clear();
        }
        for line in lines(&text) {
            let mut fields = words(line).skip(1);
            let (Some(dir), Some(kind), Some(options)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let dir = host_dir(proc_path, &unescape(dir));
            match kind {
                b"cgroup" => {
                    for (controllers, ours) in entries(&own) {
                        let all_of = || controllers.split(|&b| b == b',');
                        let Some(first) = all_of().next().filter(|c| !c.is_empty()) else { continue };
                        if !options.split(|&b| b == b',').any(|o| o == first) {
                            continue;
                        }
                        all.v1.extend(all_of().map(|c| (c.to_vec(), dir.clone())));
                        if namespaced && let Some(root) = namespace_root(&dir, ours) {
                            all.namespace_root.extend(all_of().map(|c| (c.to_vec(), root.clone())));
                        }
                    }
                }
                // Hybrid set-ups mount v2 a second time, without controllers, for other purposes.
                b"cgroup2" if all.v2.as_os_str().is_empty() || all.enabled(&all.v2.clone()).is_empty() => {
                    if namespaced
                        && let Some((_, ours)) = entries(&own).find(|(controllers, _)| controllers.is_empty())
                        && let Some(root) = namespace_root(&dir, ours)
                    {
                        all.namespace_root.insert(Vec::new(), root);
                    }
                    all.v2 = dir;
                }
                _ => {}
            }
        }
        all
    }

    pub(super) fn forget(&mut self) {
        self.controllers.clear();
        self.known.clear();
    }

    /// `controller=path` of each controller, each followed by a NUL, for the content `text` of a `/proc/<pid>/cgroup`.
    pub fn of_thread(&mut self, text: &[u8]) -> Result<Vec<u8>> {
        watched(|| Ok(self.resolve(text)))
    }

    /// As [`Cgroups::of_thread`], inside a [`watched`] call.
    pub(super) fn resolve(&mut self, text: &[u8]) -> Vec<u8> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let mut out = Vec::new();
        let mut add = |controller: &[u8], path: &[u8]| {
            out.extend_from_slice(controller);
            out.push(b'=');
            out.extend_from_slice(path);
            out.push(0);
        };
        for (controllers, path) in entries(text) {
            if controllers.is_empty() {
                if !self.v2.as_os_str().is_empty() {
                    let path = self.on_host(b"", path);
                    self.resolve_v2(path, &mut add);
                }
                continue;
            }
            for controller in controllers.split(|&b| b == b',') {
                add(controller, &self.on_host(controller, path));
            }
        }
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        if !has_scan_error() {
            self.known.insert(text.to_vec(), out.clone());
        }
        out
    }

    /// Converts a path in our cgroup namespace to the host's.
    fn on_host(&self, controller: &[u8], path: &[u8]) -> Vec<u8> {
        match self.namespace_root.get(controller) {
            Some(root) => join(root, path),
            None => path.to_vec(),
        }
    }

    /// Reports, for each controller, the nearest cgroup at or above `path` in which it is enabled.
    fn resolve_v2(&mut self, mut path: Vec<u8>, add: &mut impl FnMut(&[u8], &[u8])) {
        let mut found: Vec<Vec<u8>> = Vec::new();
        loop {
            let relative = OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(&path));
            for controller in self.enabled(&self.v2.join(relative)) {
                if !found.contains(&controller) {
                    add(&controller, &path);
                    found.push(controller);
                }
            }
            match path.iter().rposition(|&b| b == b'/') {
                Some(slash) if path.len() > 1 => path.truncate(slash.max(1)),
                _ => break,
            }
        }
    }

    /// The controllers that are enabled in a cgroup; none if the cgroup is gone.
    fn enabled(&mut self, dir: &Path) -> Vec<Vec<u8>> {
        if let Some(known) = self.controllers.get(dir) {
            return known.clone();
        }
        let text = read_file(&dir.join("cgroup.controllers"), 1 << 16).unwrap_or_default();
        let controllers: Vec<Vec<u8>> = words(&text).map(<[u8]>::to_vec).collect();
        if self.controllers.len() >= KNOWN_MAX {
            self.controllers.clear();
        }
        if !has_scan_error() {
            self.controllers.insert(dir.into(), controllers.clone());
        }
        controllers
    }
}

/// The controllers and path of each line (`id:controllers:path`) of a `/proc/<pid>/cgroup`.
fn entries(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines(text).filter_map(|line| {
        let mut fields = line.splitn(3, |&b| b == b':').skip(1);
        Some((fields.next()?, fields.next()?))
    })
}

/// `path` below `root`; each leading `/..` removes a component of `root`.
fn join(root: &[u8], mut path: &[u8]) -> Vec<u8> {
    let mut root = root.strip_suffix(b"/").unwrap_or(root);
    while let Some(rest) = path.strip_prefix(b"/..").filter(|r| r.is_empty() || r[0] == b'/') {
        path = rest;
        root = &root[..root.iter().rposition(|&b| b == b'/').unwrap_or(0)];
    }
    let path = if path == b"/" { b"" } else { path };
    let joined = [root, path].concat();
    if joined.is_empty() { b"/".to_vec() } else { joined }
}

/// The host's path of our cgroup namespace's root, in the hierarchy mounted at `mount`. `ours` is our own path as seen in
/// the namespace.
fn namespace_root(mount: &Path, ours: &[u8]) -> Option<Vec<u8>> {
    let pid = std::process::id().to_string().into_bytes();
    let mut left = 100_000;
    let dir = directory_of(mount, &pid, &mut left)?;
    let below = dir.strip_prefix(mount).ok()?.as_os_str().to_os_string().into_vec();
    let path = if below.is_empty() { b"/".to_vec() } else { [b"/", &below[..]].concat() };
    let ours = if ours == b"/" { b"" } else { ours };
    path.strip_suffix(ours).map(<[u8]>::to_vec)
}

/// The cgroup of `pid`, at or below `dir`, by depth-first search; gives up after `left` cgroups.
fn directory_of(dir: &Path, pid: &[u8], left: &mut u32) -> Option<PathBuf> {
    *left = left.checked_sub(1)?;
    if lines(&read_file(&dir.join("cgroup.procs"), 64 << 20).ok()?).any(|l| l == pid) {
        return Some(dir.into());
    }
    let entries = std::fs::read_dir(dir).ok()?;
    let below = entries.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_dir()));
    below.map(|e| e.path()).find_map(|path| directory_of(&path, pid, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1() {
        let text = b"3:cpu,cpuacct:/user.slice\n2:cpuset:/\n1:name=systemd:/a:b\n0::/user.slice\n";
        let reported = Cgroups::default().of_thread(text).unwrap();
        assert_eq!(reported, b"cpu=/user.slice\0cpuacct=/user.slice\0cpuset=/\0name=systemd=/a:b\0");
    }

    #[test]
    fn version_2_takes_the_nearest_ancestor() {
        let root = std::env::temp_dir().join(format!("scap-cgroups-{}", std::process::id()));
        for (dir, controllers) in
            [("", "cpu memory pids\n"), ("a", "memory pids\n"), ("a/b", "pids\n"), ("a/b/c", "\n")]
        {
            std::fs::create_dir_all(root.join(dir)).unwrap();
            std::fs::write(root.join(dir).join("cgroup.controllers"), controllers).unwrap();
        }
        let mut cgroups = Cgroups { v2: root.clone(), ..Cgroups::default() };
        let (deep, shallow, gone) =
            (cgroups.resolve(b"0::/a/b/c\n"), cgroups.resolve(b"0::/\n"), cgroups.resolve(b"0::/a/x/y\n"));
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(deep, b"pids=/a/b\0memory=/a\0cpu=/\0");
        assert_eq!(shallow, b"cpu=/\0memory=/\0pids=/\0");
        assert_eq!(gone, b"memory=/a\0pids=/a\0cpu=/\0");
    }

    #[test]
    fn paths_from_a_namespace() {
        assert_eq!(join(b"/a/b", b"/"), b"/a/b");
        assert_eq!(join(b"/a/b", b"/x"), b"/a/b/x");
        assert_eq!(join(b"/a/b", b"/../../x/y"), b"/x/y");
        assert_eq!(join(b"/a/b", b"/.."), b"/a");
        assert_eq!(join(b"/a", b"/../.."), b"/");
        assert_eq!(join(b"/a", b"/..x"), b"/a/..x");
        assert_eq!(join(b"/", b"/x"), b"/x");
    }

    #[test]
    fn our_own_cgroup_is_found() {
        let proc = Dir::open("/proc".as_ref()).unwrap();
        let cgroups = Cgroups::new(&proc, "/proc".as_ref());
        let own = std::fs::read("/proc/self/cgroup").unwrap();
        if let Some((_, ours)) = entries(&own).find(|(c, _)| c.is_empty())
            && cgroups.v2.join("cgroup.procs").exists()
        {
            assert_eq!(namespace_root(&cgroups.v2, ours), Some(if ours == b"/" { b"/".to_vec() } else { Vec::new() }));
        }
    }
}
