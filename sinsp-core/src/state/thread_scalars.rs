//! The scalars of a thread. The C header is made from this file, too: there the struct is called `sinsp_thread`.

use super::cl;
use std::cell::Cell;

/// The scalars of a thread: append only.
// Cells, because a program may write them while the core reads.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct ThreadScalars {
    /// Its id.
    pub tid: Cell<i64>,
    /// The id of its process, which is the tid of the main thread.
    pub pid: Cell<i64>,
    /// The id of its parent.
    pub ptid: Cell<i64>,
    /// Who takes its children when it dies; -1 where unknown.
    pub reaper_tid: Cell<i64>,
    /// Its session.
    pub sid: Cell<i64>,
    /// Its tid in its own pid namespace; -1 where unknown.
    pub vtid: Cell<i64>,
    /// Its pid in its own pid namespace; -1 where unknown.
    pub vpid: Cell<i64>,
    /// Its process group as its own pid namespace counts.
    pub vpgid: Cell<i64>,
    /// Its process group as the host counts; -1 where unknown.
    pub pgid: Cell<i64>,
    /// How many files it may open; -1 where unknown.
    pub fdlimit: Cell<i64>,
    /// `PPM_CL_*` flags.
    pub flags: Cell<u32>,
    /// Its user.
    pub uid: Cell<u32>,
    /// Its group.
    pub gid: Cell<u32>,
    /// The login uid.
    pub loginuid: Cell<u32>,
    /// Its controlling terminal, as a device number.
    pub tty: Cell<u32>,
    /// Virtual memory, in KiB.
    pub vmsize_kb: Cell<u32>,
    /// Resident memory, in KiB.
    pub vmrss_kb: Cell<u32>,
    /// Swapped memory, in KiB.
    pub vmswap_kb: Cell<u32>,
    /// Major page faults since its start.
    pub pfmajor: Cell<u64>,
    /// Minor page faults since its start.
    pub pfminor: Cell<u64>,
    /// Its capabilities.
    pub cap_permitted: Cell<u64>,
    /// Its capabilities in force.
    pub cap_effective: Cell<u64>,
    /// The capabilities that it hands on.
    pub cap_inheritable: Cell<u64>,
    /// The inode of its executable.
    pub exe_ino: Cell<u64>,
    /// When that inode last changed: nanoseconds since the epoch.
    pub exe_ino_ctime: Cell<u64>,
    /// When that file was last modified: nanoseconds since the epoch.
    pub exe_ino_mtime: Cell<u64>,
    /// From the inode's change to the thread's start, in nanoseconds.
    pub exe_ino_ctime_duration_clone_ts: Cell<u64>,
    /// From the start of its pid namespace to the inode's change, in nanoseconds.
    pub exe_ino_ctime_duration_pidns_start: Cell<u64>,
    /// When its pid namespace started: nanoseconds since the epoch.
    pub pidns_init_start_ts: Cell<u64>,
    /// When it was created: nanoseconds since the epoch.
    pub clone_ts: Cell<u64>,
    /// When it last executed a program: nanoseconds since the epoch.
    pub lastexec_ts: Cell<u64>,
    /// When its last event was: nanoseconds since the epoch.
    pub lastevent_ts: Cell<u64>,
    /// When the event before that was: nanoseconds since the epoch.
    pub prevevent_ts: Cell<u64>,
    /// When a lookup last returned it: nanoseconds since the epoch.
    pub lastaccess_ts: Cell<u64>,
    /// The fd of its last event.
    pub lastevent_fd: Cell<i64>,
    /// How many of its children are alive.
    pub not_expired_children: Cell<u64>,
    /// Whether the user who runs it may write its executable.
    pub exe_writable: Cell<bool>,
    /// Whether its executable is on the upper layer of an overlayfs.
    pub exe_upper_layer: Cell<bool>,
    /// Whether its executable is on the lower layer of an overlayfs.
    pub exe_lower_layer: Cell<bool>,
    /// Whether its executable is a memfd.
    pub exe_from_memfd: Cell<bool>,
    /// Whether a dump leaves it out.
    pub filtered_out: Cell<bool>,
}

impl ThreadScalars {
    /// Those of a thread with only an id.
    pub fn new(tid: i64) -> ThreadScalars {
        let unknown = || Cell::new(-1);
        ThreadScalars {
            tid: Cell::new(tid),
            pid: unknown(),
            ptid: unknown(),
            reaper_tid: unknown(),
            sid: unknown(),
            vtid: unknown(),
            vpid: unknown(),
            vpgid: unknown(),
            pgid: unknown(),
            fdlimit: unknown(),
            flags: Cell::new(cl::NAME_CHANGED),
            uid: Cell::new(u32::MAX),
            gid: Cell::new(u32::MAX),
            loginuid: Cell::new(u32::MAX),
            tty: Cell::default(),
            vmsize_kb: Cell::default(),
            vmrss_kb: Cell::default(),
            vmswap_kb: Cell::default(),
            pfmajor: Cell::default(),
            pfminor: Cell::default(),
            cap_permitted: Cell::default(),
            cap_effective: Cell::default(),
            cap_inheritable: Cell::default(),
            exe_ino: Cell::default(),
            exe_ino_ctime: Cell::default(),
            exe_ino_mtime: Cell::default(),
            exe_ino_ctime_duration_clone_ts: Cell::default(),
            exe_ino_ctime_duration_pidns_start: Cell::default(),
            pidns_init_start_ts: Cell::default(),
            clone_ts: Cell::default(),
            lastexec_ts: Cell::default(),
            lastevent_ts: Cell::default(),
            prevevent_ts: Cell::default(),
            lastaccess_ts: Cell::default(),
            lastevent_fd: Cell::default(),
            not_expired_children: Cell::default(),
            exe_writable: Cell::default(),
            exe_upper_layer: Cell::default(),
            exe_lower_layer: Cell::default(),
            exe_from_memfd: Cell::default(),
            filtered_out: Cell::default(),
        }
    }
}
