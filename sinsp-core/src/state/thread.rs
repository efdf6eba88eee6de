//! One thread, and what is known of its process.

use super::tables::Dynamic;
use super::{FdTable, Text, TextList, ThreadId};
use scap_sys::ThreadInfo;
use std::cell::Cell;

/// A thread.
///
/// The public scalars come first and in this order, which C++ sees as data members of `sinsp_threadinfo`: append only. They are
/// cells because C++ may write them while Rust looks.
#[derive(Debug)]
#[repr(C)]
#[allow(missing_docs)]
pub struct Thread {
    pub tid: Cell<i64>,
    pub pid: Cell<i64>,
    pub ptid: Cell<i64>,
    pub reaper_tid: Cell<i64>,
    pub sid: Cell<i64>,
    pub vtid: Cell<i64>,
    pub vpid: Cell<i64>,
    pub vpgid: Cell<i64>,
    pub pgid: Cell<i64>,
    pub fdlimit: Cell<i64>,
    pub flags: Cell<u32>,
    pub uid: Cell<u32>,
    pub gid: Cell<u32>,
    pub loginuid: Cell<u32>,
    pub tty: Cell<u32>,
    pub vmsize_kb: Cell<u32>,
    pub vmrss_kb: Cell<u32>,
    pub vmswap_kb: Cell<u32>,
    pub pfmajor: Cell<u64>,
    pub pfminor: Cell<u64>,
    pub cap_permitted: Cell<u64>,
    pub cap_effective: Cell<u64>,
    pub cap_inheritable: Cell<u64>,
    pub exe_ino: Cell<u64>,
    pub exe_ino_ctime: Cell<u64>,
    pub exe_ino_mtime: Cell<u64>,
    pub exe_ino_ctime_duration_clone_ts: Cell<u64>,
    pub exe_ino_ctime_duration_pidns_start: Cell<u64>,
    pub pidns_init_start_ts: Cell<u64>,
    pub clone_ts: Cell<u64>,
    pub lastexec_ts: Cell<u64>,
    pub lastevent_ts: Cell<u64>,
    pub prevevent_ts: Cell<u64>,
    pub lastaccess_ts: Cell<u64>,
    pub lastevent_fd: Cell<i64>,
    pub not_expired_children: Cell<u64>,
    pub exe_writable: Cell<bool>,
    pub exe_upper_layer: Cell<bool>,
    pub exe_lower_layer: Cell<bool>,
    pub exe_from_memfd: Cell<bool>,
    pub filtered_out: Cell<bool>,
    /// Whoever hands this thread out to another language notes here whom it belongs to; nothing else looks at it.
    pub owner: Cell<usize>,
    // From here on the layout is Rust's own business.
    /// Its name.
    pub comm: Text,
    /// `argv[0]`.
    pub exe: Text,
    /// The full path of its executable.
    pub exepath: Text,
    /// The arguments after `argv[0]`.
    pub args: TextList,
    /// The environment as this thread was told it; [`ThreadTable::env`](super::ThreadTable::env) asks the main thread.
    pub env: TextList,
    /// `subsystem=path` of each cgroup; [`Thread::cgroups`] reads it.
    pub cgroups: TextList,
    /// The working directory with a `/` at its end; [`ThreadTable::cwd`](super::ThreadTable::cwd) asks the main thread.
    pub cwd: Text,
    /// The root directory.
    pub root: Text,
    /// The files of this thread alone; [`ThreadTable::fds`](super::ThreadTable::fds) finds those that it shares.
    pub(crate) own_fds: FdTable,
    /// Where it lives in the table.
    pub(crate) id: ThreadId,
    /// Its thread group, if it has one: a slot of the table's groups.
    pub(crate) group: Option<u32>,
    /// The threads that it is the parent of, and some that are gone.
    pub(crate) children: Vec<ThreadId>,
    /// The type of its last event, or a code that no event has.
    pub(crate) lastevent_type: u16,
    /// Whether `enter_event` belongs to the exit event that is being parsed.
    pub(crate) enter_valid: bool,
    /// The enter event that its exit event will want to see, whole.
    pub(crate) enter_event: Vec<u8>,
    /// Its values of the columns that were added to the table of threads.
    pub(crate) dynamic: Dynamic,
}

/// Bits of [`Thread::flags`] (`PPM_CL_*`).
#[allow(missing_docs)]
pub mod cl {
    pub const CLONE_FILES: u32 = 1;
    pub const CLONE_FS: u32 = 1 << 1;
    pub const CLONE_NEWPID: u32 = 1 << 6;
    pub const CLONE_PARENT: u32 = 1 << 8;
    pub const CLONE_THREAD: u32 = 1 << 13;
    /// The child's exit event was seen before its parent's.
    pub const CLONE_INVERTED: u32 = 1 << 16;
    pub const NAME_CHANGED: u32 = 1 << 17;
    /// The thread has exited.
    pub const CLOSED: u32 = 1 << 18;
    /// An event of the thread itself was seen.
    pub const ACTIVE: u32 = 1 << 19;
    pub const CLONE_NEWUSER: u32 = 1 << 20;
    pub const PIPE_SRC: u32 = 1 << 21;
    pub const PIPE_DST: u32 = 1 << 22;
    pub const CLONE_VFORK: u32 = 1 << 27;
    pub const CHILD_IN_PIDNS: u32 = 1 << 29;
    pub const IS_MAIN_THREAD: u32 = 1 << 30;
}

/// No event has this type.
pub(crate) const NO_EVENT_TYPE: u16 = u16::MAX;

impl Thread {
    /// A thread of which nothing is known but its id.
    pub fn new(tid: i64) -> Thread {
        Thread {
            tid: Cell::new(tid),
            pid: Cell::new(-1),
            ptid: Cell::new(-1),
            reaper_tid: Cell::new(-1),
            sid: Cell::new(-1),
            vtid: Cell::new(-1),
            vpid: Cell::new(-1),
            vpgid: Cell::new(-1),
            pgid: Cell::new(-1),
            fdlimit: Cell::new(-1),
            flags: Cell::new(cl::NAME_CHANGED),
            uid: Cell::new(u32::MAX),
            gid: Cell::new(u32::MAX),
            loginuid: Cell::new(u32::MAX),
            tty: Cell::new(0),
            vmsize_kb: Cell::new(0),
            vmrss_kb: Cell::new(0),
            vmswap_kb: Cell::new(0),
            pfmajor: Cell::new(0),
            pfminor: Cell::new(0),
            cap_permitted: Cell::new(0),
            cap_effective: Cell::new(0),
            cap_inheritable: Cell::new(0),
            exe_ino: Cell::new(0),
            exe_ino_ctime: Cell::new(0),
            exe_ino_mtime: Cell::new(0),
            exe_ino_ctime_duration_clone_ts: Cell::new(0),
            exe_ino_ctime_duration_pidns_start: Cell::new(0),
            pidns_init_start_ts: Cell::new(0),
            clone_ts: Cell::new(0),
            lastexec_ts: Cell::new(0),
            lastevent_ts: Cell::new(0),
            prevevent_ts: Cell::new(0),
            lastaccess_ts: Cell::new(0),
            lastevent_fd: Cell::new(0),
            not_expired_children: Cell::new(0),
            exe_writable: Cell::new(false),
            exe_upper_layer: Cell::new(false),
            exe_lower_layer: Cell::new(false),
            exe_from_memfd: Cell::new(false),
            filtered_out: Cell::new(false),
            owner: Cell::new(0),
            comm: Text::default(),
            exe: Text::default(),
            exepath: Text::default(),
            args: TextList::default(),
            env: TextList::default(),
            cgroups: TextList::default(),
            cwd: Text::default(),
            root: Text::default(),
            own_fds: FdTable::default(),
            id: ThreadId::NONE,
            group: None,
            children: Vec::new(),
            lastevent_type: NO_EVENT_TYPE,
            enter_valid: false,
            enter_event: Vec::new(),
            dynamic: Dynamic::default(),
        }
    }

    /// The entry for a thread that nothing can be found out about.
    pub(crate) fn unknown(tid: i64) -> Thread {
        let mut t = Thread::new(tid);
        t.comm = "<NA>".into();
        t.exe = "<NA>".into();
        t
    }

    /// The thread that the /proc scan or a capture's process list describes.
    pub(crate) fn from_info(info: &ThreadInfo) -> Thread {
        let mut t = Thread::new(info.tid);
        t.pid.set(info.pid);
        t.ptid.set(info.ptid);
        t.sid.set(info.sid);
        t.vpgid.set(info.vpgid);
        t.pgid.set(info.pgid);
        t.comm.set(&info.comm);
        t.exe.set(&info.exe);
        t.set_exepath(&info.exepath);
        t.exe_writable.set(info.exe_writable);
        t.exe_upper_layer.set(info.exe_upper_layer);
        t.exe_lower_layer.set(info.exe_lower_layer);
        t.exe_from_memfd.set(info.exe_from_memfd);
        t.args.set_wire(&info.args);
        // A main thread of another numbering says so in its flags, which come later: the ids decide here.
        if t.is_main_thread() {
            t.env.set_wire(&info.env);
            t.change_cwd(&info.cwd);
        }
        t.set_flags(info.flags | cl::ACTIVE);
        t.fdlimit.set(info.fdlimit);
        t.cap_permitted.set(info.cap_permitted);
        t.cap_effective.set(info.cap_effective);
        t.cap_inheritable.set(info.cap_inheritable);
        t.exe_ino.set(info.exe_ino);
        t.exe_ino_ctime.set(info.exe_ino_ctime);
        t.exe_ino_mtime.set(info.exe_ino_mtime);
        t.exe_ino_ctime_duration_clone_ts.set(info.exe_ino_ctime_duration_clone_ts);
        t.exe_ino_ctime_duration_pidns_start.set(info.exe_ino_ctime_duration_pidns_start);
        t.vmsize_kb.set(info.vmsize_kb);
        t.vmrss_kb.set(info.vmrss_kb);
        t.vmswap_kb.set(info.vmswap_kb);
        t.pfmajor.set(info.pfmajor);
        t.pfminor.set(info.pfminor);
        t.vtid.set(info.vtid);
        t.vpid.set(info.vpid);
        t.pidns_init_start_ts.set(info.pidns_init_start_ts);
        t.clone_ts.set(info.clone_ts);
        t.tty.set(info.tty);
        t.set_cgroups(&info.cgroups);
        t.root.set(&info.root);
        t.uid.set(info.uid);
        t.gid.set(info.gid);
        t.loginuid.set(info.loginuid);
        t
    }

    /// Its handle in the table.
    #[inline]
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// Whether any of the `flags` bits is set.
    #[inline]
    pub fn has_flags(&self, flags: u32) -> bool {
        self.flags.get() & flags != 0
    }

    pub(crate) fn set_flags(&self, flags: u32) {
        self.flags.set(self.flags.get() | flags);
    }

    /// Whether it is the main thread of its process.
    #[inline]
    pub fn is_main_thread(&self) -> bool {
        self.tid.get() == self.pid.get() || self.has_flags(cl::IS_MAIN_THREAD)
    }

    /// Whether it lives in a pid namespace below the first.
    pub fn is_in_pid_namespace(&self) -> bool {
        self.has_flags(cl::CHILD_IN_PIDNS) || (self.tid != self.vtid && self.vtid.get() >= 0)
    }

    /// Whether nothing but its id is known: such a thread has no process and no parent.
    #[inline]
    pub fn is_invalid(&self) -> bool {
        self.tid.get() < 0 || self.pid.get() < 0 || self.ptid.get() < 0
    }

    /// Whether it has exited.
    pub fn is_dead(&self) -> bool {
        self.has_flags(cl::CLOSED)
    }

    /// Appends its name and arguments, with spaces between them.
    pub fn cmdline(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.comm);
        if !self.args.is_empty() {
            out.push(b' ');
            self.args.join(out);
        }
    }

    /// Appends its arguments, with spaces between them.
    pub fn args_joined(&self, out: &mut Vec<u8>) {
        self.args.join(out);
    }

    /// Subsystem and path of each of its cgroups.
    pub fn cgroups(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.cgroups.iter().filter_map(|pair| {
            let at = pair.iter().position(|&b| b == b'=')?;
            Some((&pair[..at], &pair[at + 1..]))
        })
    }

    /// The path of its cgroup in `subsystem`.
    pub fn cgroup(&self, subsystem: &[u8]) -> Option<&[u8]> {
        self.cgroups().find(|(name, _)| *name == subsystem).map(|(_, path)| path)
    }

    /// Appends its cgroups as `subsystem=path`, with spaces between them.
    pub fn cgroups_joined(&self, out: &mut Vec<u8>) {
        self.cgroups.join(out);
    }

    /// Takes cgroups as they stand on the wire; the kernel's names of subsystems become those that users know.
    ///
    /// A list with an entry that has no `=` is not taken at all.
    pub fn set_cgroups(&mut self, wire: &[u8]) {
        let list = TextList::from_wire(wire);
        let mut bytes = Vec::with_capacity(wire.len() + 16);
        for pair in list.iter() {
            let Some(at) = pair.iter().position(|&b| b == b'=') else { return };
            let (name, path) = pair.split_at(at);
            match name.windows(7).position(|w| w == b"_cgroup") {
                Some(cut) => push_subsystem(&mut bytes, &[&name[..cut], &name[cut + 7..]].concat()),
                None => push_subsystem(&mut bytes, name),
            }
            bytes.extend_from_slice(path);
            bytes.push(0);
        }
        self.cgroups.set_wire(&bytes);
    }

    /// Takes the path of its executable, without the kernel's remark that the file is deleted.
    pub fn set_exepath(&mut self, path: &[u8]) {
        match path.strip_suffix(b" (deleted)") {
            Some(kept) if !kept.is_empty() => self.exepath.set(kept),
            _ => self.exepath.set(path),
        }
    }

    /// Goes to another directory, which may be relative to the one it is in. For a main thread.
    pub(crate) fn change_cwd(&mut self, dir: &[u8]) {
        let mut path = Vec::new();
        super::path::concatenate(&self.cwd, dir, &mut path);
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
        self.cwd.set(&path);
    }
}

fn push_subsystem(bytes: &mut Vec<u8>, name: &[u8]) {
    bytes.extend_from_slice(match name {
        b"perf" => b"perf_event",
        b"mem" => b"memory",
        b"io" => b"blkio",
        other => other,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_name_and_arguments() {
        let mut t = Thread::new(5);
        t.comm = "ls".into();
        let line = |t: &Thread| {
            let mut out = Vec::new();
            t.cmdline(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(line(&t), "ls");
        t.args = TextList::from_wire(b"-l\0/tmp\0");
        assert_eq!(line(&t), "ls -l /tmp");
    }

    #[test]
    fn cgroup_names_are_those_users_know() {
        let mut t = Thread::new(5);
        t.set_cgroups(b"mem_cgroup=/a\0io=/b\0perf_event=/c=d\0");
        let all: Vec<_> = t.cgroups().collect();
        assert_eq!(all, [(&b"memory"[..], &b"/a"[..]), (b"blkio", b"/b"), (b"perf_event", b"/c=d")]);
        assert_eq!(t.cgroup(b"memory"), Some(&b"/a"[..]));
        t.set_cgroups(b"cpu=/x\0broken\0");
        assert_eq!(t.cgroup(b"memory"), Some(&b"/a"[..]), "a broken list changes nothing");
    }

    #[test]
    fn exepath_loses_the_remark_that_the_file_is_gone() {
        let mut t = Thread::new(5);
        t.set_exepath(b"/bin/x (deleted)");
        assert_eq!(&*t.exepath, b"/bin/x");
        t.set_exepath(b" (deleted)");
        assert_eq!(&*t.exepath, b" (deleted)");
    }
}
