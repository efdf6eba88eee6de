//! A thread as C sees it.

use crate::fd::{sinsp_fd, sinsp_fd_visitor, visit_all};
use crate::ffi::{build_text, guard_plain, sinsp_str};
use crate::inspector::sinsp_inspector;
use sinsp_core::state::{TextList, Thread, ThreadTable};
use std::ffi::c_void;
use std::mem::offset_of;

/// A thread. C sees its public scalars, which it may change; there is more behind them.
#[repr(C)]
pub struct sinsp_thread {
    /// Its id.
    pub tid: i64,
    /// The id of its process, which is the tid of the main thread.
    pub pid: i64,
    /// The id of its parent.
    pub ptid: i64,
    /// Who takes its children when it dies; -1 where unknown.
    pub reaper_tid: i64,
    /// Its session.
    pub sid: i64,
    /// Its tid in its own pid namespace; -1 where unknown.
    pub vtid: i64,
    /// Its pid in its own pid namespace; -1 where unknown.
    pub vpid: i64,
    /// Its process group as its own pid namespace counts.
    pub vpgid: i64,
    /// Its process group as the host counts; -1 where unknown.
    pub pgid: i64,
    /// How many files it may open; -1 where unknown.
    pub fdlimit: i64,
    /// `PPM_CL_*` flags.
    pub flags: u32,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// The login uid.
    pub loginuid: u32,
    /// Its controlling terminal, as a device number.
    pub tty: u32,
    /// Virtual memory, in KiB.
    pub vmsize_kb: u32,
    /// Resident memory, in KiB.
    pub vmrss_kb: u32,
    /// Swapped memory, in KiB.
    pub vmswap_kb: u32,
    /// Major page faults since its start.
    pub pfmajor: u64,
    /// Minor page faults since its start.
    pub pfminor: u64,
    /// Its capabilities.
    pub cap_permitted: u64,
    /// Its capabilities in force.
    pub cap_effective: u64,
    /// The capabilities that it hands on.
    pub cap_inheritable: u64,
    /// The inode of its executable.
    pub exe_ino: u64,
    /// When that inode last changed: nanoseconds since the epoch.
    pub exe_ino_ctime: u64,
    /// When that file was last modified: nanoseconds since the epoch.
    pub exe_ino_mtime: u64,
    /// From the inode's change to the thread's start, in nanoseconds.
    pub exe_ino_ctime_duration_clone_ts: u64,
    /// From the start of its pid namespace to the inode's change, in nanoseconds.
    pub exe_ino_ctime_duration_pidns_start: u64,
    /// When its pid namespace started: nanoseconds since the epoch.
    pub pidns_init_start_ts: u64,
    /// When it was created: nanoseconds since the epoch.
    pub clone_ts: u64,
    /// When it last executed a program: nanoseconds since the epoch.
    pub lastexec_ts: u64,
    /// When its last event was: nanoseconds since the epoch.
    pub lastevent_ts: u64,
    /// When the event before that was: nanoseconds since the epoch.
    pub prevevent_ts: u64,
    /// When it was last asked for: nanoseconds since the epoch.
    pub lastaccess_ts: u64,
    /// The fd of its last event.
    pub lastevent_fd: i64,
    /// How many of its children are alive.
    pub not_expired_children: u64,
    /// Whether the user who runs it may write its executable.
    pub exe_writable: bool,
    /// Whether its executable is on the upper layer of an overlayfs.
    pub exe_upper_layer: bool,
    /// Whether its executable is on the lower layer of an overlayfs.
    pub exe_lower_layer: bool,
    /// Whether its executable is a memfd.
    pub exe_from_memfd: bool,
    /// Whether a dump leaves it out.
    pub filtered_out: bool,
}

/// C's view of the scalars and the core's object agree.
macro_rules! same_offsets {
    ($($field:ident),+ $(,)?) => { $(const _: () = assert!(offset_of!(sinsp_thread, $field) == offset_of!(Thread, $field));)+ };
}

same_offsets!(
    tid,
    pid,
    ptid,
    reaper_tid,
    sid,
    vtid,
    vpid,
    vpgid,
    pgid,
    fdlimit,
    flags,
    uid,
    gid,
    loginuid,
    tty,
    vmsize_kb,
    vmrss_kb,
    vmswap_kb,
    pfmajor,
    pfminor,
    cap_permitted,
    cap_effective,
    cap_inheritable,
    exe_ino,
    exe_ino_ctime,
    exe_ino_mtime,
    exe_ino_ctime_duration_clone_ts,
    exe_ino_ctime_duration_pidns_start,
    pidns_init_start_ts,
    clone_ts,
    lastexec_ts,
    lastevent_ts,
    prevevent_ts,
    lastaccess_ts,
    lastevent_fd,
    not_expired_children,
    exe_writable,
    exe_upper_layer,
    exe_lower_layer,
    exe_from_memfd,
    filtered_out,
);

impl sinsp_thread {
    /// The pointer that C gets; `owner`, the address of its inspector's handle, is noted in the thread.
    pub fn hand_out(thread: &Thread, owner: usize) -> *mut sinsp_thread {
        thread.owner.set(owner);
        (&raw const *thread).cast_mut().cast()
    }

    /// The core's object behind C's pointer.
    ///
    /// # Safety
    /// `thread` must be null or have been handed out and not be outdated.
    pub(crate) unsafe fn core<'a>(thread: *const sinsp_thread) -> Option<&'a Thread> {
        // SAFETY: the caller vouches that it is one of ours.
        unsafe { thread.cast::<Thread>().as_ref() }
    }
}

/// Answers what `read` finds about a thread in the table it belongs to; `otherwise` for null and while its inspector is moved.
///
/// # Safety
/// `thread` must be null or have been handed out and not be outdated.
unsafe fn ask<R>(thread: *const sinsp_thread, otherwise: R, read: impl FnOnce(&ThreadTable, &Thread, usize) -> R) -> R {
    // SAFETY: the caller vouches for it.
    let Some(thread) = (unsafe { sinsp_thread::core(thread) }) else { return otherwise };
    let owner = thread.owner.get();
    // SAFETY: the address was noted when the thread was handed out by that inspector, which outlives its threads.
    let Some(inspector) = (unsafe { sinsp_inspector::at(owner).as_ref() }) else { return otherwise };
    match inspector.core() {
        Ok(core) => guard_plain(otherwise, || read(&core.state().threads, thread, owner)),
        Err(_) => otherwise,
    }
}

/// The texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_text_id {
    /// Its name.
    SINSP_THREAD_COMM = 0,
    /// `argv[0]`.
    SINSP_THREAD_EXE = 1,
    /// The full path of its executable.
    SINSP_THREAD_EXEPATH = 2,
    /// The root directory.
    SINSP_THREAD_ROOT = 3,
    /// The working directory of its process, with a `/` at its end.
    SINSP_THREAD_CWD = 4,
    /// Its name and arguments, with spaces between them.
    SINSP_THREAD_CMDLINE = 5,
    /// Its arguments, with spaces between them.
    SINSP_THREAD_ARGS_JOINED = 6,
    /// The environment of its process, with spaces between the variables.
    SINSP_THREAD_ENV_JOINED = 7,
}

/// The lists of texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_list_id {
    /// The arguments after `argv[0]`.
    SINSP_THREAD_ARGS = 0,
    /// The environment of its process, `name=value`.
    SINSP_THREAD_ENV = 1,
    /// Its cgroups, `subsystem=path`.
    SINSP_THREAD_CGROUPS = 2,
}

/// A text of a thread (`sinsp_thread_text_id`). `COMM`, `EXE`, `EXEPATH`, `ROOT` and `CWD` are borrowed like the thread itself, the
/// others until the next text on this operating-system thread. Empty for null.
///
/// # Safety
/// `thread` must be null or borrowed from an inspector and not outdated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_text(thread: *const sinsp_thread, which: u32) -> sinsp_str {
    use sinsp_thread_text_id as Id;
    // SAFETY: the caller vouches for it.
    let Some(t) = (unsafe { sinsp_thread::core(thread) }) else { return sinsp_str::EMPTY };
    match which {
        w if w == Id::SINSP_THREAD_COMM as u32 => sinsp_str::of(&t.comm),
        w if w == Id::SINSP_THREAD_EXE as u32 => sinsp_str::of(&t.exe),
        w if w == Id::SINSP_THREAD_EXEPATH as u32 => sinsp_str::of(&t.exepath),
        w if w == Id::SINSP_THREAD_ROOT as u32 => sinsp_str::of(&t.root),
        // SAFETY: as above.
        w if w == Id::SINSP_THREAD_CWD as u32 => unsafe {
            ask(thread, sinsp_str::EMPTY, |threads, t, _| sinsp_str::of(threads.cwd(t)))
        },
        w if w == Id::SINSP_THREAD_CMDLINE as u32 => guard_plain(sinsp_str::EMPTY, || build_text(|out| t.cmdline(out))),
        w if w == Id::SINSP_THREAD_ARGS_JOINED as u32 => {
            guard_plain(sinsp_str::EMPTY, || build_text(|out| t.args_joined(out)))
        }
        // SAFETY: as above.
        w if w == Id::SINSP_THREAD_ENV_JOINED as u32 => unsafe {
            ask(thread, sinsp_str::EMPTY, |threads, t, _| build_text(|out| threads.env(t).join(out)))
        },
        _ => sinsp_str::EMPTY,
    }
}

/// Answers what `read` finds in a list of a thread.
///
/// # Safety
/// As [`ask`].
unsafe fn with_list<R>(thread: *const sinsp_thread, which: u32, otherwise: R, read: impl FnOnce(&TextList) -> R) -> R {
    use sinsp_thread_list_id as Id;
    // SAFETY: the caller vouches for it.
    let Some(t) = (unsafe { sinsp_thread::core(thread) }) else { return otherwise };
    match which {
        w if w == Id::SINSP_THREAD_ARGS as u32 => guard_plain(otherwise, || read(&t.args)),
        w if w == Id::SINSP_THREAD_CGROUPS as u32 => guard_plain(otherwise, || read(&t.cgroups)),
        // SAFETY: as above.
        w if w == Id::SINSP_THREAD_ENV as u32 => unsafe {
            ask(thread, otherwise, |threads, t, _| read(threads.env(t)))
        },
        _ => otherwise,
    }
}

/// How many texts a list of a thread (`sinsp_thread_list_id`) has; 0 for null.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list_len(thread: *const sinsp_thread, which: u32) -> usize {
    // SAFETY: the caller vouches for it.
    unsafe { with_list(thread, which, 0, TextList::len) }
}

/// All texts of a list of a thread, each ended by a NUL; borrowed like the thread itself.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list(thread: *const sinsp_thread, which: u32) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    unsafe { with_list(thread, which, sinsp_str::EMPTY, |list| sinsp_str::of(list.as_wire())) }
}

/// The value of an environment variable of a thread's process; empty if there is none.
///
/// # Safety
/// As `sinsp_thread_text`, and `name` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_env_var(thread: *const sinsp_thread, name: sinsp_str) -> sinsp_str {
    // SAFETY: the caller vouches for both.
    unsafe {
        let name = name.bytes();
        ask(thread, sinsp_str::EMPTY, |threads, t, _| threads.env_var(t, name).map_or(sinsp_str::EMPTY, sinsp_str::of))
    }
}

/// The main thread of a thread's process; null if that is not known. Borrowed like the thread itself.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_main(thread: *const sinsp_thread) -> *mut sinsp_thread {
    let null = std::ptr::null_mut();
    // SAFETY: the caller vouches for it.
    unsafe {
        ask(thread, null, |threads, t, owner| threads.main_thread(t).map_or(null, |t| sinsp_thread::hand_out(t, owner)))
    }
}

/// The main thread of the parent of a thread's process (`generation` 1), of its grandparent (2) and so on; the main thread itself
/// for 0. Null if it is not known. Borrowed like the thread itself.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_ancestor(thread: *const sinsp_thread, generation: u32) -> *mut sinsp_thread {
    let Some(nth) = generation.checked_sub(1) else {
        // SAFETY: passed on.
        return unsafe { sinsp_thread_main(thread) };
    };
    let null = std::ptr::null_mut();
    // SAFETY: the caller vouches for it.
    unsafe {
        ask(thread, null, |threads, t, owner| {
            threads.ancestors(t).nth(nth as usize).map_or(null, |t| sinsp_thread::hand_out(t, owner))
        })
    }
}

/// How many threads the process of a thread has that have not exited, with the main thread if `with_main`.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_siblings(thread: *const sinsp_thread, with_main: bool) -> u64 {
    // SAFETY: the caller vouches for it.
    unsafe {
        ask(
            thread,
            0,
            |threads, t, _| {
                if with_main { threads.thread_count(t) } else { threads.secondary_thread_count(t) }
            },
        )
    }
}

/// How many files the process of a thread has open.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_count(thread: *const sinsp_thread) -> u64 {
    // SAFETY: the caller vouches for it.
    unsafe { ask(thread, 0, |threads, t, _| threads.fd_count(t) as u64) }
}

/// How many files the process of a thread may open; -1 where unknown.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_limit(thread: *const sinsp_thread) -> i64 {
    // SAFETY: the caller vouches for it.
    unsafe { ask(thread, -1, |threads, t, _| threads.fd_limit(t)) }
}

/// The file that a thread has open as number `fd`; null if that is not known. Borrowed like the thread itself.
///
/// # Safety
/// As `sinsp_thread_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd(thread: *const sinsp_thread, fd: i64) -> *mut sinsp_fd {
    let null = std::ptr::null_mut();
    // SAFETY: the caller vouches for it.
    unsafe { ask(thread, null, |threads, t, _| threads.fd(t, fd).map_or(null, sinsp_fd::hand_out)) }
}

/// Calls `visit` for each file that a thread has open, in no order; answers whether no call ended it.
///
/// # Safety
/// As `sinsp_thread_text`; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_fd(
    thread: *const sinsp_thread,
    visit: sinsp_fd_visitor,
    context: *mut c_void,
) -> bool {
    // SAFETY: the caller vouches for it.
    unsafe {
        ask(thread, false, |threads, t, _| match threads.fds(t) {
            Some(fds) => visit_all(fds.iter(), visit, context),
            None => false,
        })
    }
}

/// Who is told of one thread after the other; false ends it.
pub type sinsp_thread_visitor = Option<unsafe extern "C" fn(context: *mut c_void, thread: *mut sinsp_thread) -> bool>;
