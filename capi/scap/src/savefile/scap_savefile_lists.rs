//! Process lists of captures, written thread by thread.

use crate::savefile::dumper::{Target, scap_dumper};
use crate::savefile::scap_savefile_api::{run, scap_dumper_t};
use crate::types::from_c::{self, joined, string};
use crate::types::scap::scap_threadinfo;
use capi_common::guard;
use libc::iovec;
use scap_sys::capture::Compression;
use scap_sys::{Error, Result};
use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

/// A dumper that writes to memory of its own, which grows as it has to, and begins without a capture's header. Owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn scap_managedbuf_dump_create() -> *mut scap_dumper_t {
    guard(
        |_| null_mut(),
        || {
            let dumper = scap_dumper::continued(Target::Managed(Vec::new()), Compression::None);
            Box::into_raw(Box::new(dumper))
        },
    )
}

/// Starts a process list, which is gathered before `scap_write_proclist_end` writes it to a capture. Owned by the caller until then.
#[unsafe(no_mangle)]
pub extern "C" fn scap_write_proclist_begin() -> *mut scap_dumper_t {
    scap_managedbuf_dump_create()
}

/// Adds a thread to the process list `d`: its numbers from `tinfo`, its texts from the other arguments, of which null is none.
/// `args`, `envs` and `cgroups` are given in pieces, which are joined. Adds up to as many bytes as `len` says then.
///
/// # Safety
/// `d` is null or a process list; the others are null or valid, and each array has as many entries as the number after it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_write_proclist_entry_bufs(
    d: *mut scap_dumper_t,
    tinfo: *mut scap_threadinfo,
    len: *mut u32,
    comm: *const c_char,
    exe: *const c_char,
    exepath: *const c_char,
    args: *const iovec,
    argscnt: c_int,
    envs: *const iovec,
    envscnt: c_int,
    cwd: *const c_char,
    cgroups: *const iovec,
    cgroupscnt: c_int,
    root: *const c_char,
) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        run(d, |d| {
            let Some(thread) = tinfo.as_ref() else {
                return Err(Error::Invalid("a process list: null thread".into()));
            };
            if !d.managed {
                return Err(Error::Invalid("a process list: the thread would go to a capture, not to a list".into()));
            }
            let mut thread = from_c::numbers(thread);
            thread.comm = string(comm);
            thread.exe = string(exe);
            thread.exepath = string(exepath);
            thread.args = joined(args, argscnt);
            thread.env = joined(envs, envscnt);
            thread.cwd = string(cwd);
            thread.cgroups = joined(cgroups, cgroupscnt);
            thread.root = string(root);
            let n = d.writer.thread_entry(&thread)?;
            if let Some(len) = len.as_mut() {
                *len = n;
            }
            Ok(())
        })
    }
}

/// Writes the first `totlen` bytes of the process list `proclist_dumper`, whole entries, to the capture `d`, and frees the list, also on an
/// error. Without any bytes nothing is written.
///
/// # Safety
/// `d` is null or a capture that is being written; `proclist_dumper` is null or a process list, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_write_proclist_end(
    d: *mut scap_dumper_t,
    proclist_dumper: *mut scap_dumper_t,
    totlen: u32,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        if proclist_dumper.is_null() || proclist_dumper == d {
            return run(d, |_| Err(Error::Invalid("a process list: there is none, or it is to go to itself".into())));
        }
        let list = Box::from_raw(proclist_dumper);
        run(d, |d| {
            let entries = list.into_bytes()?;
            match entries.get(..totlen as usize) {
                Some([]) => Ok(()),
                Some(entries) => d.writer.thread_list(entries),
                None => {
                    let text = format!("a process list: it has {} bytes, not {totlen}", entries.len());
                    Err(Error::Invalid(text))
                }
            }
        })
    }
}

/// Writes the fds in the table `fdlist` of a thread to a capture, after the process list with this thread. Those of which nothing is
/// known are left out.
///
/// # Safety
/// `d` is null or a capture that is being written; `tinfo` is null or a thread whose `fdlist` is null or a table of uthash.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_write_proc_fds(d: *mut scap_dumper_t, tinfo: *mut scap_threadinfo) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        run(d, |d| {
            let Some(thread) = tinfo.as_ref() else {
                return Err(Error::Invalid("the fds of a thread: null thread".into()));
            };
            let mut at = thread.fdlist.as_ref();
            let fds = std::iter::from_fn(|| {
                let fd = at?;
                at = fd.hh.next.cast::<crate::types::scap::scap_fdinfo>().as_ref();
                Some(from_c::fd(fd))
            });
            let fds: Vec<_> = fds.filter_map(Result::transpose).collect::<Result<_>>()?;
            d.writer.fds(thread.tid as i64, &fds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::savefile::scap_savefile_api::{scap_dump_close, scap_dump_ftell, scap_dump_getlasterr};
    use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
    use crate::types::to_c::empty_thread;
    use std::ptr::null;

    /// A list with two threads, and the length of each entry.
    fn list() -> (*mut scap_dumper_t, u32, u32) {
        let list = scap_write_proclist_begin();
        let entry = |comm: *const c_char| {
            let (mut thread, mut len) = (empty_thread(), 0);
            // SAFETY: all of it is valid, or null.
            let rc = unsafe {
                let (no, none) = (null(), null());
                scap_write_proclist_entry_bufs(
                    list,
                    &mut *thread,
                    &mut len,
                    comm,
                    no,
                    no,
                    none,
                    3,
                    none,
                    -1,
                    no,
                    none,
                    0,
                    no,
                )
            };
            assert_eq!(rc, SCAP_SUCCESS);
            len
        };
        (list, entry(c"one".as_ptr()), entry(c"twelve".as_ptr()))
    }

    #[test]
    fn only_whole_entries_of_another_list_are_written() {
        let to = scap_managedbuf_dump_create();
        let why = || {
            // SAFETY: the dumper is there, and the text is ended by a NUL.
            unsafe { String::from_utf8_lossy(capi_common::bytes(scap_dump_getlasterr(to)).unwrap_or_default()) }
        };
        // SAFETY: all of it is valid, or null.
        unsafe {
            let (list_of_two, first, second) = list();
            assert_eq!(second, first + 3);
            assert_eq!(scap_write_proclist_end(to, list_of_two, first + second - 1), SCAP_FAILURE);
            assert!(why().contains(&format!("whose last entry ends at {first}")), "{}", why());
            assert_eq!(scap_write_proclist_end(to, list().0, first + second + 1), SCAP_FAILURE);
            assert!(why().contains("bytes, not"), "{}", why());
            assert_eq!(scap_write_proclist_end(to, to, 0), SCAP_FAILURE);
            assert!(why().contains("go to itself"), "{}", why());
            assert_eq!(scap_write_proclist_end(to, null_mut(), 0), SCAP_FAILURE);
            assert_eq!(scap_write_proclist_end(null_mut(), list().0, first), SCAP_FAILURE);
            assert_eq!(scap_dump_ftell(to), 0);
            assert_eq!(scap_write_proclist_end(to, list().0, first), SCAP_SUCCESS);
            assert_eq!(scap_write_proclist_end(to, list().0, first + second), SCAP_SUCCESS);
            assert!(scap_dump_ftell(to) > i64::from(2 * first + second));
            scap_dump_close(to);
        }
    }
}
