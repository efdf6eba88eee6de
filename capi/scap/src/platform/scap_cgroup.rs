//! The cgroups of threads, with their paths on the host.

use crate::types::scap_cgroup_set::scap_cgroup_set;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_limits::SCAP_MAX_PATH_SIZE;
use crate::types::scap_log::falcosecurity_log_fn;
use capi_common::{bytes, copy, free, guard, text, write_error};
use scap_sys::Result;
use scap_sys::linux::Cgroups;
use std::collections::HashMap;
use std::ffi::{OsStr, c_char, c_int};
use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{null, null_mut};

/// A cache of cgroups, opaque to C.
pub struct scap_cgroup_cache {
    cgroups: Cgroups,
}

/// The cgroups of a host. The object owns its cache, which `scap_cgroup_clear_cache` frees.
#[repr(C)]
pub struct scap_cgroup_interface {
    /// The names of the controllers of version 1.
    pub m_subsystems_v1: scap_cgroup_set,
    /// The names of the controllers of version 2.
    pub m_subsystems_v2: scap_cgroup_set,
    /// Where the controllers of version 1 are mounted: `controller=path`.
    pub m_mounts_v1: scap_cgroup_set,
    /// Where version 2 is mounted; empty if it is not.
    pub m_mount_v2: [c_char; SCAP_MAX_PATH_SIZE],
    /// Whether the cache is used.
    pub m_use_cache: bool,
    /// The cache; may be null.
    pub m_cache: *mut scap_cgroup_cache,
    /// In a cgroup namespace, its root for each controller of version 1: `controller=path`.
    pub m_self_v1: scap_cgroup_set,
    /// In a cgroup namespace, its root for version 2.
    pub m_self_v2: [c_char; SCAP_MAX_PATH_SIZE],
    /// Whether this program is in a cgroup namespace.
    pub m_in_cgroupns: bool,
    /// Takes log messages; may be null.
    pub m_log_fn: falcosecurity_log_fn,
}

fn path(array: &[c_char]) -> &Path {
    Path::new(OsStr::from_bytes(text(array)))
}

impl scap_cgroup_interface {
    fn fill(&mut self, cgroups: &mut Cgroups, with_self: bool) -> Result<()> {
        for (controller, dir) in cgroups.mounts_v1() {
            self.m_subsystems_v1.push(&[controller]);
            self.m_mounts_v1.push(&[controller, b"=", dir.as_os_str().as_bytes()]);
        }
        if let Some(dir) = cgroups.mount_v2() {
            copy(&mut self.m_mount_v2, dir.as_os_str().as_bytes());
        }
        for controller in cgroups.controllers_v2()? {
            self.m_subsystems_v2.push(&[&controller]);
        }
        if with_self {
            for (controller, root) in cgroups.namespace_roots() {
                self.m_in_cgroupns = true;
                if controller.is_empty() {
                    copy(&mut self.m_self_v2, root);
                } else {
                    self.m_self_v1.push(&[controller, b"=", root]);
                }
            }
        }
        Ok(())
    }

    /// The cgroups that the members describe.
    fn cgroups(&self) -> Cgroups {
        let mut roots = HashMap::new();
        for entry in self.m_self_v1.strings() {
            let entry: Vec<u8> = entry.iter().map(|&c| c as u8).collect();
            if let Some(at) = entry.iter().rposition(|&b| b == b'=') {
                roots.insert(entry[..at].to_vec(), entry[at + 1..].to_vec());
            }
        }
        let own = path(&self.m_self_v2).as_os_str().as_bytes();
        if !own.is_empty() {
            roots.insert(Vec::new(), own.to_vec());
        }
        Cgroups::known(path(&self.m_mount_v2).into(), roots)
    }
}

/// Reads how the cgroups of the host whose root directory is `host_root` are mounted; with `with_self_cg` also the root of this
/// process's cgroup namespace, so that paths are those of the host. The cache is used. `error` (`SCAP_LASTERR_SIZE` bytes, or null)
/// takes the text of an error.
///
/// # Safety
/// `cgi` is null or points to writable memory of its size, initialized or not; `host_root` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_cgroup_interface_init(
    cgi: *mut scap_cgroup_interface,
    host_root: *const c_char,
    error: *mut c_char,
    with_self_cg: bool,
) -> i32 {
    let fail = |text: &dyn std::fmt::Display| {
        // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
        unsafe { write_error(error, text) };
        SCAP_FAILURE
    };
    if cgi.is_null() {
        return fail(&"scap_cgroup_interface_init: null object");
    }
    // SAFETY: `cgi` is writable (# Safety), and all its members are valid as zeros. `m_log_fn`, which the caller may have set
    // before, is copied without reading it as a function.
    let cgi = unsafe {
        let log = (&raw const (*cgi).m_log_fn).cast::<MaybeUninit<usize>>().read();
        cgi.write_bytes(0, 1);
        (&raw mut (*cgi).m_log_fn).cast::<MaybeUninit<usize>>().write(log);
        &mut *cgi
    };
    cgi.m_use_cache = true;
    // SAFETY: null or a string for this call (# Safety).
    let root = Some(unsafe { bytes(host_root) }.unwrap_or_default()).filter(|r| !r.is_empty()).unwrap_or(b"/");
    guard(
        |message| fail(&message),
        || {
            let host = Cgroups::of_host(Path::new(OsStr::from_bytes(root)));
            match host.and_then(|mut cgroups| cgi.fill(&mut cgroups, with_self_cg)) {
                Ok(()) => SCAP_SUCCESS,
                Err(e) => fail(&e),
            }
        },
    )
}

/// Writes the cgroups of a thread to `*cg`: `controller=path` for each controller. `procdirname` is the thread's folder in /proc
/// with a slash at the end. The set is empty for a thread that has ended or may not be read.
///
/// # Safety
/// The pointers are null or valid; `cgi` was initialized; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_cgroup_get_thread(
    cgi: *mut scap_cgroup_interface,
    procdirname: *const c_char,
    cg: *mut scap_cgroup_set,
    error: *mut c_char,
) -> i32 {
    let fail = |text: &dyn std::fmt::Display| {
        // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
        unsafe { write_error(error, text) };
        SCAP_FAILURE
    };
    // SAFETY: the pointers are null or valid for this call (# Safety).
    let (Some(cgi), Some(dir), Some(out)) = (unsafe { (cgi.as_mut(), bytes(procdirname), cg.as_mut()) }) else {
        return fail(&"scap_cgroup_get_thread: null object, folder or output");
    };
    out.len = 0;
    let read = || {
        let file = Path::new(OsStr::from_bytes(dir)).join("cgroup");
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => return SCAP_SUCCESS,
            Err(e) => return fail(&format!("{}: {e}", file.display())),
        };
        let mut once;
        let cgroups = if cgi.m_use_cache {
            if cgi.m_cache.is_null() {
                cgi.m_cache = Box::into_raw(Box::new(scap_cgroup_cache { cgroups: cgi.cgroups() }));
            }
            // SAFETY: made above or in an earlier call, and owned by `cgi`.
            unsafe { &mut (*cgi.m_cache).cgroups }
        } else {
            once = cgi.cgroups();
            &mut once
        };
        let reported = match cgroups.of_thread(&text) {
            Ok(reported) => reported,
            Err(e) => return fail(&e),
        };
        for entry in reported.split(|&b| b == 0).filter(|e| !e.is_empty()) {
            out.push(&[entry]);
        }
        SCAP_SUCCESS
    };
    guard(|message| fail(&message), read)
}

/// Returns where a controller is mounted, in a text of `cgi`, and its cgroup version in `*version`; null and 0 if it is not.
///
/// # Safety
/// The pointers are null or valid; `cgi` was initialized.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_cgroup_get_subsys_mount(
    cgi: *const scap_cgroup_interface,
    subsys: *const c_char,
    version: *mut c_int,
) -> *const c_char {
    // SAFETY: the pointers are null or valid for this call (# Safety).
    let (cgi, subsys, version) = unsafe { (cgi.as_ref(), bytes(subsys), version.as_mut()) };
    let answer = |found: *const c_char, of: c_int| {
        if let Some(version) = version {
            *version = of;
        }
        found
    };
    let (Some(cgi), Some(subsys)) = (cgi, subsys) else { return answer(null(), 0) };
    let mounted = cgi.m_mounts_v1.strings().find_map(|entry| {
        let (name, rest) = entry.split_at_checked(subsys.len())?;
        let same = name.iter().zip(subsys).all(|(a, b)| *a as u8 == *b);
        rest.split_first().filter(|(first, _)| same && **first as u8 == b'=').map(|(_, dir)| dir.as_ptr())
    });
    match mounted {
        Some(dir) => answer(dir, 1),
        None if cgi.m_mount_v2[0] != 0 => answer(cgi.m_mount_v2.as_ptr(), 2),
        None => answer(null(), 0),
    }
}

/// Empties the cache and uses it from then on.
///
/// # Safety
/// `cgi` is null or was initialized.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_cgroup_enable_cache(cgi: *mut scap_cgroup_interface) {
    // SAFETY: null or an initialized object for this call (# Safety).
    unsafe { scap_cgroup_clear_cache(cgi) };
    // SAFETY: null or an initialized object for this call (# Safety).
    if let Some(cgi) = unsafe { cgi.as_mut() } {
        cgi.m_use_cache = true;
    }
}

/// Frees the cache, and does not use it any more.
///
/// # Safety
/// `cgi` is null or was initialized.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_cgroup_clear_cache(cgi: *mut scap_cgroup_interface) {
    // SAFETY: null or an initialized object for this call (# Safety).
    let Some(cgi) = (unsafe { cgi.as_mut() }) else { return };
    cgi.m_use_cache = false;
    let cache = std::mem::replace(&mut cgi.m_cache, null_mut());
    // SAFETY: null or from the box of `scap_cgroup_get_thread`; `cgi` owned it and no longer points to it.
    unsafe { free(cache) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn texts(set: &scap_cgroup_set) -> Vec<String> {
        set.strings().map(|s| s.iter().map(|&c| c as u8 as char).collect()).collect()
    }

    #[test]
    fn this_thread_with_and_without_a_cache() {
        // SAFETY: all members are valid as zeros.
        let (mut cgi, mut set): (Box<scap_cgroup_interface>, Box<scap_cgroup_set>) =
            unsafe { (Box::new(std::mem::zeroed()), Box::new(std::mem::zeroed())) };
        let mut version = -1;
        // SAFETY: every pointer is null or leads to what lives for the call.
        unsafe {
            assert_eq!(scap_cgroup_interface_init(&mut *cgi, c"/nowhere".as_ptr(), null_mut(), true), SCAP_FAILURE);
            assert_eq!(scap_cgroup_interface_init(&mut *cgi, c"".as_ptr(), null_mut(), true), SCAP_SUCCESS);
            assert_eq!(scap_cgroup_get_thread(&mut *cgi, c"/proc/self/".as_ptr(), &mut *set, null_mut()), SCAP_SUCCESS);
            let cached = texts(&set);
            scap_cgroup_clear_cache(&mut *cgi);
            assert!(cgi.m_cache.is_null());
            assert_eq!(scap_cgroup_get_thread(&mut *cgi, c"/proc/self/".as_ptr(), &mut *set, null_mut()), SCAP_SUCCESS);
            assert_eq!(texts(&set), cached);
            for entry in &cached {
                let controller = std::ffi::CString::new(entry.split_once("=/").unwrap().0).unwrap();
                let mount = scap_cgroup_get_subsys_mount(&*cgi, controller.as_ptr(), &mut version);
                assert!(!mount.is_null() && matches!(version, 1 | 2), "{entry}");
                let dir = CStr::from_ptr(mount).to_str().unwrap();
                assert!(Path::new(dir).is_dir(), "{entry} {dir}");
            }
            assert_eq!(scap_cgroup_get_thread(&mut *cgi, c"/proc/0/".as_ptr(), &mut *set, null_mut()), SCAP_SUCCESS);
            assert_eq!(set.len, 0, "a thread that is none");
            scap_cgroup_enable_cache(&mut *cgi);
            scap_cgroup_clear_cache(&mut *cgi);
        }
    }

    #[test]
    fn mounts_and_roots_of_both_versions() {
        // SAFETY: all members are valid as zeros.
        let mut cgi: Box<scap_cgroup_interface> = unsafe { Box::new(std::mem::zeroed()) };
        cgi.m_mounts_v1.push(&[b"cpuset", b"=", b"/one"]);
        cgi.m_mounts_v1.push(&[b"cpu", b"=", b"/two"]);
        cgi.m_self_v1.push(&[b"cpu", b"=", b"/box"]);
        let find = |cgi: &scap_cgroup_interface, name: &CStr| {
            let mut version = -1;
            // SAFETY: all of it is valid, and a mount is a string.
            unsafe {
                let mount = scap_cgroup_get_subsys_mount(cgi, name.as_ptr(), &mut version);
                (bytes(mount).map(<[u8]>::to_vec), version)
            }
        };
        assert_eq!(find(&cgi, c"cpu"), (Some(b"/two".to_vec()), 1));
        assert_eq!(find(&cgi, c"memory"), (None, 0));
        copy(&mut cgi.m_mount_v2, b"/three");
        assert_eq!(find(&cgi, c"memory"), (Some(b"/three".to_vec()), 2));
        assert_eq!(cgi.cgroups().of_thread(b"1:cpu:/a\n2:cpuset:/a\n").unwrap(), b"cpu=/box/a\0cpuset=/a\0");
        cgi.m_mounts_v1.len = c_int::MAX;
        assert_eq!(find(&cgi, c"cpuset").1, 1, "a length that lies");
    }
}
