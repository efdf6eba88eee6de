//! The data of threads and thread groups in the form that C has for them.

use sinsp_core::state::store::ThreadScalars;
use sinsp_core::state::{Group, Thread, ThreadId};
use std::ffi::c_void;
use std::mem::offset_of;

/// The number of no thread.
pub const SINSP_NO_THREAD: u64 = 0;

const _: () = assert!(ThreadId::NONE_NUMBER == SINSP_NO_THREAD);

/// The scalars of a thread: append only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
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

/// C's view of the scalars and the core's agree.
macro_rules! same_offsets {
    ($($field:ident),+ $(,)?) => { $(const _: () = assert!(offset_of!(sinsp_thread, $field) == offset_of!(ThreadScalars, $field));)+ };
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

/// The number that C gets for a thread.
pub(crate) fn number_of(thread: Option<&Thread>) -> u64 {
    thread.map_or(SINSP_NO_THREAD, |t| t.id().to_number())
}

/// Who is told of one thread after the other; false ends it.
pub type sinsp_thread_visitor = Option<unsafe extern "C" fn(context: *mut c_void, id: u64) -> bool>;

/// The number of no group.
pub const SINSP_NO_THREAD_GROUP: u64 = 0;

/// What is known of a group: append only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_thread_group_info {
    /// The pid of its process.
    pub pid: i64,
    /// How many of its threads have not exited.
    pub alive: u64,
    /// Whether children that lose their parent come to this process.
    pub reaper: bool,
}

impl sinsp_thread_group_info {
    pub(crate) fn of(group: &Group) -> sinsp_thread_group_info {
        sinsp_thread_group_info { pid: group.pid, alive: group.alive, reaper: group.reaper }
    }
}

const _: () = assert!(SINSP_NO_THREAD_GROUP == SINSP_NO_THREAD);
