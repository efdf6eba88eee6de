//! A thread, with the data of its process.

use super::cl;
use super::group::{GroupData, GroupId};
use super::outside::Outside;
use super::store::{Exposure, Relatives, ThreadList, ThreadScalars, ThreadStore, ThreadText};
use super::tables::Value;
use super::{FdTable, Text, TextList, ThreadId};
use scap_sys::ThreadInfo;
use std::ops::Deref;

/// A thread. It dereferences to its [`ThreadScalars`]. Texts and lists have methods, because an object outside the core (a
/// C++ `sinsp_threadinfo`, through [`ThreadStore`]) may hold them.
pub struct Thread {
    /// Unused while `outside` is set.
    scalars: ThreadScalars,
    /// Indexed by [`ThreadText`]. Unused while `outside` is set.
    texts: [Text; 5],
    /// Indexed by [`ThreadList`]. Unused while `outside` is set.
    lists: [TextList; 3],
    /// The object outside the core that holds the data, set by [`Thread::expose`].
    pub(super) outside: Outside<dyn ThreadStore>,
    /// The thread's own fds; [`ThreadTable::fds`](super::ThreadTable::fds) also finds shared ones.
    pub(crate) own_fds: FdTable,
    /// Its handle in the table.
    pub(crate) id: ThreadId,
    /// The slot of its thread group in the table's groups, if it has one.
    pub(crate) group: Option<u32>,
    /// Its child threads. Handles of children that left the table may be among them.
    pub(crate) children: Vec<ThreadId>,
    /// The type of its last event, or [`NO_EVENT_TYPE`].
    pub(crate) lastevent_type: u16,
    /// Whether `enter_event` is the enter event of the exit event that is being parsed.
    pub(crate) enter_valid: bool,
    /// The last enter event whose parameters its exit event needs, with its header.
    pub(crate) enter_event: Vec<u8>,
}

impl Deref for Thread {
    type Target = ThreadScalars;

    #[inline]
    fn deref(&self) -> &ThreadScalars {
        match self.outside.get() {
            None => &self.scalars,
            Some(store) => store.scalars(),
        }
    }
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thread")
            .field("tid", &self.tid.get())
            .field("pid", &self.pid.get())
            .field("comm", &bstr::BStr::new(self.comm()))
            .finish_non_exhaustive()
    }
}

/// A list of texts of a thread, in the core or in an object outside it.
#[derive(Clone, Copy)]
pub struct List<'a>(ListPlace<'a>);

#[derive(Clone, Copy)]
enum ListPlace<'a> {
    Here(&'a TextList),
    Outside(&'a dyn ThreadStore, ThreadList),
}

impl<'a> List<'a> {
    /// The texts in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = &'a [u8]> + Clone {
        let (here, outside) = match self.0 {
            ListPlace::Here(list) => (Some(list), None),
            ListPlace::Outside(store, which) => {
                (None, Some((0..store.list_len(which)).map(move |i| store.list_text(which, i))))
            }
        };
        here.into_iter().flat_map(TextList::iter).chain(outside.into_iter().flatten())
    }

    /// How many texts there are.
    pub fn len(self) -> usize {
        match self.0 {
            ListPlace::Here(list) => list.len(),
            ListPlace::Outside(store, which) => store.list_len(which),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        match self.0 {
            ListPlace::Here(list) => list.is_empty(),
            ListPlace::Outside(store, which) => store.list_len(which) == 0,
        }
    }

    /// The text at position `i`.
    pub fn get(self, i: usize) -> Option<&'a [u8]> {
        match self.0 {
            ListPlace::Here(list) => list.get(i),
            ListPlace::Outside(store, which) => (i < store.list_len(which)).then(|| store.list_text(which, i)),
        }
    }

    /// Appends the texts to `out` with a space between them.
    pub fn join(self, out: &mut Vec<u8>) {
        if let ListPlace::Here(list) = self.0 {
            return list.join(out);
        }
        for (i, text) in self.iter().enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(text);
        }
    }

    /// A copy of the list; cheap if the core holds it.
    pub fn to_list(self) -> TextList {
        match self.0 {
            ListPlace::Here(list) => list.clone(),
            ListPlace::Outside(..) => TextList::from_texts(self.iter()),
        }
    }
}

pub(crate) const NO_EVENT_TYPE: u16 = u16::MAX;

impl Thread {
    /// A thread with only an id; [`ThreadScalars::new`] has the other values.
    pub fn new(tid: i64) -> Thread {
        Thread {
            scalars: ThreadScalars::new(tid),
            texts: Default::default(),
            lists: Default::default(),
            outside: Outside::default(),
            own_fds: FdTable::default(),
            id: ThreadId::NONE,
            group: None,
            children: Vec::new(),
            lastevent_type: NO_EVENT_TYPE,
            enter_valid: false,
            enter_event: Vec::new(),
        }
    }

    /// A thread whose data `store` holds, with the fds `fds`.
    pub fn outside(store: Box<dyn ThreadStore>, fds: FdTable, counted: Exposure) -> Thread {
        let mut t = Thread::new(store.scalars().tid.get());
        t.own_fds = fds;
        t.expose(store, counted);
        t
    }

    /// The object outside the core that holds the data, if there is one.
    #[inline]
    pub fn store(&self) -> Option<&dyn ThreadStore> {
        self.outside.get()
    }

    /// Makes `store`, which already holds a copy of the data, the place of the data from now on. Returns `false`, and
    /// changes nothing, if there is a store already.
    pub(crate) fn expose(&self, store: Box<dyn ThreadStore>, counted: Exposure) -> bool {
        self.outside.expose(store, counted)
    }

    /// Frees the core's copy of data that an object outside the core holds now.
    pub(crate) fn settle(&mut self) {
        if self.outside.get().is_some() {
            self.texts = Default::default();
            self.lists = Default::default();
            self.outside.free_values();
        }
    }

    /// Called when the thread leaves the table: the object outside the core, if there is one, copies what it needs to
    /// outlive it.
    pub(crate) fn leave(&mut self, group: Option<(GroupId, GroupData)>) {
        let fds = std::mem::take(&mut self.own_fds);
        let relatives = Relatives { group, has_children: !self.children.is_empty() };
        if let Some(store) = self.outside.get_mut() {
            store.leave(&fds, &relatives);
        }
        self.own_fds = fds;
    }

    /// Passes each value of an added column that was written to `visit`, with the column's position. They are stale while an object outside the core holds the data.
    pub fn each_added(&self, visit: impl FnMut(usize, Value<'_>)) {
        self.outside.with_values_here(|values| values.each(visit));
    }

    /// The text `which`.
    #[inline]
    pub fn text(&self, which: ThreadText) -> &[u8] {
        match self.store() {
            None => &self.texts[which as usize],
            Some(store) => store.text(which),
        }
    }

    /// Changes the text `which`.
    pub fn set_text(&mut self, which: ThreadText, text: &[u8]) {
        match self.outside.get_mut() {
            None => self.texts[which as usize].set(text),
            Some(store) if store.text(which) == text => {}
            Some(store) => store.set_text(which, text),
        }
    }

    /// Copies a text of another thread; both share its memory if the core holds both threads.
    pub(crate) fn copy_text(&mut self, which: ThreadText, from: &Thread) {
        if self.outside.get().is_none() && from.outside.get().is_none() {
            self.texts[which as usize] = from.texts[which as usize].clone();
        } else {
            self.set_text(which, from.text(which));
        }
    }

    /// The command name (`proc.name`).
    #[inline]
    pub fn comm(&self) -> &[u8] {
        self.text(ThreadText::Comm)
    }

    /// `argv[0]`.
    #[inline]
    pub fn exe(&self) -> &[u8] {
        self.text(ThreadText::Exe)
    }

    /// The full path of the executable.
    #[inline]
    pub fn exepath(&self) -> &[u8] {
        self.text(ThreadText::ExePath)
    }

    /// The root directory.
    #[inline]
    pub fn root(&self) -> &[u8] {
        self.text(ThreadText::Root)
    }

    /// The thread's own copy of the working directory, with a `/` at its end. [`ThreadTable::cwd`](super::ThreadTable::cwd)
    /// returns that of the process.
    #[inline]
    pub fn own_cwd(&self) -> &[u8] {
        self.text(ThreadText::Cwd)
    }

    /// Changes the command name.
    pub fn set_comm(&mut self, comm: &[u8]) {
        self.set_text(ThreadText::Comm, comm);
    }

    /// Changes `argv[0]`.
    pub fn set_exe(&mut self, exe: &[u8]) {
        self.set_text(ThreadText::Exe, exe);
    }

    /// Sets the command name to `argv[0]`.
    pub(crate) fn comm_from_exe(&mut self) {
        match self.outside.get() {
            None => self.texts[ThreadText::Comm as usize] = self.texts[ThreadText::Exe as usize].clone(),
            Some(_) => {
                let exe = self.exe().to_vec();
                self.set_comm(&exe);
            }
        }
    }

    /// The list `which`.
    #[inline]
    pub fn list(&self, which: ThreadList) -> List<'_> {
        List(match self.store() {
            None => ListPlace::Here(&self.lists[which as usize]),
            Some(store) => ListPlace::Outside(store, which),
        })
    }

    /// Replaces the list `which`.
    pub fn set_list(&mut self, which: ThreadList, list: TextList) {
        match self.outside.get_mut() {
            None => self.lists[which as usize] = list,
            Some(store) => store.set_list(which, &list),
        }
    }

    /// Sets a list from its wire form; does not allocate if the value stays the same.
    fn set_wire(&mut self, which: ThreadList, wire: &[u8]) {
        match self.outside.get_mut() {
            None => self.lists[which as usize].set_wire(wire),
            Some(store) => store.set_list(which, &TextList::from_wire(wire)),
        }
    }

    /// The arguments after `argv[0]`.
    #[inline]
    pub fn args(&self) -> List<'_> {
        self.list(ThreadList::Args)
    }

    /// The thread's own copy of the environment. [`ThreadTable::env`](super::ThreadTable::env) returns that of the process.
    #[inline]
    pub fn own_env(&self) -> List<'_> {
        self.list(ThreadList::Env)
    }

    /// Sets the arguments from their wire form: texts with a NUL between them.
    pub fn set_args(&mut self, wire: &[u8]) {
        self.set_wire(ThreadList::Args, wire);
    }

    /// Sets the environment from its wire form: texts with a NUL between them.
    pub fn set_env(&mut self, wire: &[u8]) {
        self.set_wire(ThreadList::Env, wire);
    }

    /// A copy of the cgroups, each `subsystem=path`; cheap if the core holds them.
    pub fn cgroup_list(&self) -> TextList {
        match self.store() {
            None => self.lists[ThreadList::Cgroups as usize].clone(),
            Some(_) => TextList::from_texts(self.cgroups().map(|(name, path)| [name, b"=", path].concat())),
        }
    }

    /// The entry for a thread that is neither in the table nor found in the system.
    pub(crate) fn unknown(tid: i64) -> Thread {
        let mut t = Thread::new(tid);
        t.set_comm(b"<NA>");
        t.set_exe(b"<NA>");
        t
    }

    /// Converts a thread of the /proc scan or of a capture's thread list.
    pub(crate) fn from_info(info: &ThreadInfo) -> Thread {
        let mut t = Thread::new(info.tid);
        t.pid.set(info.pid);
        t.ptid.set(info.ptid);
        t.sid.set(info.sid);
        t.vpgid.set(info.vpgid);
        t.pgid.set(info.pgid);
        t.set_comm(&info.comm);
        t.set_exe(&info.exe);
        t.set_exepath(&info.exepath);
        t.exe_writable.set(info.exe_writable);
        t.exe_upper_layer.set(info.exe_upper_layer);
        t.exe_lower_layer.set(info.exe_lower_layer);
        t.exe_from_memfd.set(info.exe_from_memfd);
        t.set_args(&info.args);
        // The flags of the info are not set yet, so this compares tid and pid alone.
        if t.is_main_thread() {
            t.set_env(&info.env);
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
        t.set_text(ThreadText::Root, &info.root);
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

    /// Whether it is the main thread of its process: its tid is the pid, or its flags say so.
    #[inline]
    pub fn is_main_thread(&self) -> bool {
        self.tid.get() == self.pid.get() || self.has_flags(cl::IS_MAIN_THREAD)
    }

    /// Whether it is in a pid namespace other than the initial one.
    pub fn is_in_pid_namespace(&self) -> bool {
        self.has_flags(cl::CHILD_IN_PIDNS) || (self.tid != self.vtid && self.vtid.get() >= 0)
    }

    /// Whether tid, pid or parent tid is unknown. Such a thread belongs to no group and has no parent.
    #[inline]
    pub fn is_invalid(&self) -> bool {
        self.tid.get() < 0 || self.pid.get() < 0 || self.ptid.get() < 0
    }

    /// Whether its exit event was parsed.
    pub fn is_dead(&self) -> bool {
        self.has_flags(cl::CLOSED)
    }

    /// Appends the command name and the arguments, with spaces between them.
    pub fn cmdline(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.comm());
        if !self.args().is_empty() {
            out.push(b' ');
            self.args().join(out);
        }
    }

    /// Appends the arguments, with spaces between them.
    pub fn args_joined(&self, out: &mut Vec<u8>) {
        self.args().join(out);
    }

    /// Subsystem and path of each of its cgroups.
    pub fn cgroups(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let (here, outside) = match self.store() {
            None => (Some(self.lists[ThreadList::Cgroups as usize].iter()), None),
            Some(store) => {
                let all = 0..store.list_len(ThreadList::Cgroups);
                (None, Some(all.map(|i| (store.list_text(ThreadList::Cgroups, i), store.cgroup_path(i)))))
            }
        };
        here.into_iter().flatten().filter_map(split_pair).chain(outside.into_iter().flatten())
    }

    /// The path of its cgroup in `subsystem`, such as `memory`.
    pub fn cgroup(&self, subsystem: &[u8]) -> Option<&[u8]> {
        self.cgroups().find(|(name, _)| *name == subsystem).map(|(_, path)| path)
    }

    /// Appends its cgroups as `subsystem=path`, with spaces between them.
    pub fn cgroups_joined(&self, out: &mut Vec<u8>) {
        for (i, (name, path)) in self.cgroups().enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(name);
            out.push(b'=');
            out.extend_from_slice(path);
        }
    }

    /// Sets the cgroups from their wire form. Subsystem names of the kernel are mapped to those of `/proc/PID/cgroup`, such
    /// as `mem` to `memory`.
    ///
    /// If an entry has no `=`, the whole list is ignored.
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
        self.set_wire(ThreadList::Cgroups, &bytes);
    }

    /// Sets the path of the executable, without the ` (deleted)` that the kernel appends for a deleted file.
    pub fn set_exepath(&mut self, path: &[u8]) {
        match path.strip_suffix(b" (deleted)") {
            Some(kept) if !kept.is_empty() => self.set_text(ThreadText::ExePath, kept),
            _ => self.set_text(ThreadText::ExePath, path),
        }
    }

    /// Changes the thread's own working directory. `dir` may be relative to the present one. Meant for main threads.
    pub fn change_cwd(&mut self, dir: &[u8]) {
        let mut path = Vec::new();
        super::path::concatenate(self.own_cwd(), dir, &mut path);
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
        self.set_text(ThreadText::Cwd, &path);
    }
}

fn split_pair(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|&b| b == b'=')?;
    Some((&pair[..at], &pair[at + 1..]))
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
        t.set_comm(b"ls");
        let line = |t: &Thread| {
            let mut out = Vec::new();
            t.cmdline(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(line(&t), "ls");
        t.set_args(b"-l\0/tmp\0");
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
        assert_eq!(t.exepath(), b"/bin/x");
        t.set_exepath(b" (deleted)");
        assert_eq!(t.exepath(), b" (deleted)");
    }
}
