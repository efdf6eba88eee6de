//! Adding and removing threads: their groups, their parents, and the reaper that adopts orphans.

use super::cl;
use super::group::GONE_CHILDREN_BEFORE_CLEANING;
use super::{Census, Fd, FdTable, SockInfo, State, Thread, ThreadId, ThreadSource};
use crate::logger::Severity;
use scap_sys::FdType;
use scap_sys::linux::MAX_ENV;

/// What shows that a quiet thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOfEnd {
    /// There is no thread with its tid and its name: the tid was reused for another one.
    NoSuchName,
    /// There is no thread with its tid. For drivers that leave out events: a thread that renamed itself can then be quiet for long, while the event of a
    /// new thread with its tid is never left out.
    NoSuchId,
}

impl State {
    /// Sets the source for threads that are not in the table. Without one, a missing thread gets an entry with only its
    /// tid.
    pub fn set_source(&mut self, source: Option<Box<dyn ThreadSource>>) {
        self.source = source;
    }

    /// The environment of a process as the source has it.
    pub(crate) fn environment(&mut self, pid: i64) -> Option<Vec<u8>> {
        self.source.as_mut()?.environment(pid)
    }

    /// The environment of a process from the source, where that of its exec event, `wire`, may be cut. `None` if `wire` is complete or better
    /// than nothing.
    pub(crate) fn large_environment(&mut self, pid: i64, wire: &[u8]) -> Option<Vec<u8>> {
        let is_cut = self.large_environments && wire.len() == MAX_ENV;
        let source = self.source.as_mut().filter(|_| is_cut)?;
        let environment = source.environment(pid);
        if environment.is_none() {
            self.messages.add(
                Severity::INFO,
                format_args!("the environment of process {pid} cannot be read: its first {MAX_ENV} bytes are used"),
            );
        }
        environment
    }

    /// Removes all threads and interfaces. Users and groups stay.
    pub fn clear(&mut self) {
        self.touch();
        self.threads.clear();
        self.exited.clear();
        self.interfaces.clear();
        self.server_ports.clear();
    }

    /// Until [`State::end_scan`], threads may be added before their parents; no group or parent is set.
    pub fn begin_scan(&mut self) {
        self.scanning = true;
    }

    /// Sets group and parent of the threads that have none yet.
    pub fn end_scan(&mut self) {
        self.scanning = false;
        self.suppressed.end_scan();
        let mut ids: Vec<ThreadId> = self.threads.iter().map(Thread::id).collect();
        // Sorted by tid, so that member and child lists have a defined order.
        ids.sort_by_key(|&id| self.threads.by_id(id).map(|t| t.tid.get()));
        ids.into_iter().for_each(|id| self.tie(id));
    }

    /// Swaps the ends of those IPv4 connections of the scan whose local port some process listens on.
    pub fn orient_sockets(&mut self) {
        let ports = std::mem::take(&mut self.server_ports);
        let mut name = Vec::new();
        for thread in self.threads.iter_mut() {
            for fd in thread.own_fds.iter_mut() {
                let SockInfo::Ipv4 { sport, .. } = fd.sock() else { continue };
                if fd.ty.get() != FdType::Ipv4Sock {
                    continue;
                }
                if ports.contains(&sport) {
                    fd.swap_ends();
                    fd.set_flags(super::FdFlags::ROLE_SERVER);
                    name.clear();
                    super::names::addresses(&fd.sock(), super::Ports::NUMBERS, &mut name);
                    fd.set_name(&name);
                } else {
                    fd.set_flags(super::FdFlags::ROLE_CLIENT);
                }
            }
        }
        self.server_ports = ports;
    }

    /// Adds a thread, and replaces one of the same tid; `None` if the table is full. `tie` says whether to call
    /// [`State::tie`].
    pub fn add_thread(&mut self, thread: Thread, tie: bool) -> Option<ThreadId> {
        if !self.admit(thread.pid.get()) {
            self.log_drop(&thread);
            return None;
        }
        let id = self.threads.place(thread);
        if tie {
            self.tie(id);
        }
        self.threads.publish(id);
        Some(id)
    }

    /// Adds a thread that its tid does not find: it can be a member of its group and a parent of others. It stays until
    /// [`State::clear`].
    pub fn place_thread(&mut self, thread: Thread) -> ThreadId {
        self.threads.place(thread)
    }

    /// Adds a pinned thread from outside the table and links it to its group and parent; `false` if the table is full.
    pub(super) fn adopt_thread(&mut self, id: ThreadId) -> bool {
        let Some(pid) = self.threads.pinned(id).map(|t| t.pid.get()) else { return false };
        if !self.admit(pid) {
            return false;
        }
        self.threads.enlist(id);
        self.tie(id);
        self.threads.publish(id);
        true
    }

    /// Counts a new thread as added or dropped; `false` if there is no room for it.
    fn admit(&mut self, pid: i64) -> bool {
        let room = self.threads.has_room(pid);
        if room {
            self.stats.threads_added.add(1);
        } else {
            self.stats.threads_dropped.add(1);
        }
        room
    }

    /// Adds a thread to the group of its process and to the children of its parent. Does nothing for a thread that is
    /// invalid or has a group.
    pub fn tie(&mut self, id: ThreadId) {
        let Some(t) = self.threads.by_id(id) else { return };
        if t.is_invalid() || t.group.is_some() {
            return;
        }
        let (tid, pid, ptid, main) = (t.tid.get(), t.pid.get(), t.ptid.get(), t.is_main_thread());
        // pid 1 of a pid namespace is the reaper of its orphans.
        let reaper = pid == 1 || t.vpid.get() == 1;
        let group = self.threads.groups.join(pid, id, main, reaper);
        if let Some(t) = self.threads.by_id_mut(id) {
            t.group = Some(group);
        }
        if pid == 1 {
            return;
        }
        let parent = if ptid == tid { None } else { self.threads.id_of(ptid) };
        match parent.filter(|&p| self.threads.by_id(p).is_some_and(|p| !p.is_invalid())) {
            Some(parent) => self.add_child(parent, id),
            None => {
                if let Some(t) = self.threads.by_id(id) {
                    t.ptid.set(0);
                }
            }
        }
    }

    /// Makes `child` a child of `parent`.
    pub fn add_child(&mut self, parent: ThreadId, child: ThreadId) {
        let Some(p) = self.threads.by_id_mut(parent) else { return };
        p.children.push(child);
        p.not_expired_children.set(p.not_expired_children.get() + 1);
        let tid = p.tid.get();
        if let Some(c) = self.threads.by_id(child) {
            c.ptid.set(tid);
        }
    }

    fn lose_child(&mut self, ptid: i64) {
        let Some(id) = self.threads.id_of(ptid) else { return };
        let Some(p) = self.threads.by_id(id) else { return };
        let left = p.not_expired_children.get().saturating_sub(1);
        p.not_expired_children.set(left);
        if (p.children.len() as u64).saturating_sub(left) >= GONE_CHILDREN_BEFORE_CLEANING {
            self.clean_children(id);
        }
    }

    /// Removes the children that have left the table from the child list of a thread.
    pub fn clean_children(&mut self, id: ThreadId) {
        let Some(mut children) = self.threads.by_id_mut(id).map(|t| std::mem::take(&mut t.children)) else { return };
        children.retain(|&c| self.threads.by_id(c).is_some());
        if let Some(t) = self.threads.by_id_mut(id) {
            t.children = children;
        }
    }

    fn clean_group(&mut self, group: u32) {
        let mut gone = Vec::new();
        for id in self.threads.groups.get(group).members() {
            if self.threads.by_id(id).is_none() {
                gone.push(id);
            }
        }
        self.threads.groups.get_mut(group).clean(|id| !gone.contains(&id));
    }

    /// Marks a thread as exited; it stays in the table until [`State::remove_thread`].
    pub(crate) fn mark_dead(&mut self, id: ThreadId) {
        let Some(t) = self.threads.by_id(id) else { return };
        if t.is_dead() {
            return;
        }
        t.set_flags(cl::CLOSED);
        let Some(group) = t.group else { return };
        let g = self.threads.groups.get_mut(group);
        g.alive = g.alive.saturating_sub(1);
        if g.wants_cleaning() {
            self.clean_group(group);
        }
    }

    /// Undoes [`State::mark_dead`]: on exec by another thread, the main thread's exit was seen but its tid lives on.
    pub(crate) fn resurrect(&mut self, id: ThreadId) {
        let Some(t) = self.threads.by_id(id).filter(|t| t.is_dead()) else { return };
        t.flags.set(t.flags.get() & !cl::CLOSED);
        if let Some(group) = t.group {
            self.threads.groups.get_mut(group).alive += 1;
        }
    }

    /// Sets whether the process of the thread is a reaper of orphaned descendants.
    pub(crate) fn set_reaper(&mut self, id: ThreadId, reaper: bool) {
        if let Some(group) = self.threads.by_id(id).and_then(|t| t.group) {
            self.threads.groups.get_mut(group).reaper = reaper;
        }
    }

    /// Records that an exit event removed a thread, so that a late clone exit event of its parent does not add it again.
    pub(crate) fn record_exit(&mut self, tid: i64) {
        let ptid = self.threads.get(tid).map_or(-1, |t| t.ptid.get());
        self.exited.record(tid, ptid, self.now);
    }

    pub(crate) fn has_recently_exited(&self, tid: i64, ptid: i64) -> bool {
        self.exited.contains(tid, ptid, self.now)
    }

    /// Logs that the table is full, once per `limit` dropped threads.
    #[cold]
    fn log_drop(&mut self, thread: &Thread) {
        if self.stats.threads_dropped.get().is_multiple_of((self.threads.limit() as u64).max(1)) {
            let (tid, pid) = (thread.tid.get(), thread.pid.get());
            self.messages.add(
                Severity::INFO,
                format_args!("the thread table is full: thread {tid} of process {pid} is dropped"),
            );
        }
    }

    /// The thread with id `tid`. If it is not in the table, it comes from the source, or is added with only its tid, so
    /// that the source is not asked again. `None` if the table is full.
    #[inline]
    pub fn find_or_invent(&mut self, tid: i64) -> Option<ThreadId> {
        match self.look_up(tid) {
            None => self.find_elsewhere(tid),
            found => found,
        }
    }

    /// The thread with id `tid`, counted as a lookup if it is found.
    #[inline]
    pub(crate) fn look_up(&mut self, tid: i64) -> Option<ThreadId> {
        let cached = self.threads.is_last(tid);
        let found = self.threads.id_of(tid)?;
        (if cached { &self.stats.thread_lookups_cached } else { &self.stats.thread_lookups_noncached }).add(1);
        Some(found)
    }

    /// Whether the thread `owner` has an fd with this number, counted as a lookup.
    #[inline]
    pub(crate) fn look_up_fd(&mut self, owner: ThreadId, number: i64) -> bool {
        let found = self.threads.by_id(owner).is_some_and(|t| t.own_fds.get(number).is_some());
        let count = match found {
            true if self.last_fd == Some((owner, number)) => &self.stats.fd_lookups_cached,
            true => &self.stats.fd_lookups_noncached,
            false => &self.stats.fd_lookups_failed,
        };
        count.add(1);
        if found {
            self.last_fd = Some((owner, number));
        }
        found
    }

    #[cold]
    fn find_elsewhere(&mut self, tid: i64) -> Option<ThreadId> {
        self.stats.thread_lookups_failed.add(1);
        if !self.threads.has_room(tid) {
            return None;
        }
        if let Some(mut source) = self.source.take() {
            let found = source.scan_thread(tid, self);
            self.source = Some(source);
            if found && let Some(id) = self.threads.id_of(tid) {
                return Some(id);
            }
        }
        self.stats.threads_invented.add(1);
        self.messages.add(Severity::DEBUG, format_args!("thread {tid} is not known"));
        self.add_thread(Thread::unknown(tid), true)
    }

    /// Adds an fd that a process received from another one, if there is a source.
    pub(crate) fn scan_fd(&mut self, pid: i64, fd: i64) {
        if let Some(mut source) = self.source.take() {
            source.scan_fd(pid, fd, self);
            self.source = Some(source);
        }
    }

    /// Adds an fd to those that the thread `id` uses, and replaces one of the same number. Returns `false` if there was no
    /// room.
    pub fn add_fd(&mut self, id: ThreadId, number: i64, fd: Fd) -> bool {
        self.last_fd = None;
        let Some(fds) = self.threads.fds_mut(id) else { return false };
        let known = fds.len();
        let added = fds.add(number, fd).is_some();
        self.stats.fds_added.add((fds.len() - known) as u64);
        added
    }

    /// Removes an fd from those that the thread `id` uses; returns whether it was there.
    pub fn remove_fd(&mut self, id: ThreadId, number: i64) -> bool {
        self.last_fd = None;
        let removed = self.threads.fds_mut(id).is_some_and(|fds| fds.remove(number));
        if removed {
            self.stats.fd_lookups_noncached.add(1);
            self.stats.fds_removed.add(1);
        } else {
            self.stats.fd_lookups_failed.add(1);
        }
        removed
    }

    /// Removes the fds that the thread `id` uses and for which `keep` returns `false`.
    pub(crate) fn retain_fds(&mut self, id: ThreadId, keep: impl FnMut(&Fd) -> bool) {
        self.last_fd = None;
        let Some(fds) = self.threads.fds_mut(id) else { return };
        let known = fds.len();
        fds.retain(keep);
        self.stats.fds_removed.add((known - fds.len()) as u64);
    }

    /// Counts the threads, and the fds that each of them uses.
    pub fn census(&self) -> Census {
        let fds = self.threads.iter().map(|t| self.threads.fds(t).map_or(0, FdTable::len) as u64).sum();
        Census { threads: self.threads.len() as u64, fds }
    }

    /// Looks up the users and groups of all threads that are not known yet.
    pub(crate) fn see_users(&mut self) {
        for t in self.threads.iter() {
            self.users.add_seen(t.uid.get(), t.gid.get());
        }
    }

    /// Sets the device of a file for which the scan reported only the mount id, if there is a source.
    pub(crate) fn find_device(&mut self, owner: ThreadId, number: i64) {
        let Some(source) = &mut self.source else { return };
        let Some(t) = self.threads.by_id(owner) else { return };
        let Some(fd) = t.own_fds.get(number).filter(|fd| fd.is_file() && fd.dev.get() == 0) else { return };
        if fd.mount_id.get() != 0 {
            // The mount id is cleared, so that the source is asked only once.
            let mount = fd.mount_id.replace(0);
            fd.dev.set(source.device_of_mount(t.tid.get(), mount));
        }
    }

    /// Handles the exit of a thread. Its children go to the reaper. A main thread stays in the table until the last thread
    /// of its group is removed.
    pub fn remove_thread(&mut self, tid: i64) {
        let Some(id) = self.threads.id_of(tid) else {
            self.stats.thread_lookups_failed.add(1);
            return;
        };
        let Some(t) = self.threads.by_id(id) else { return };
        let (pid, ptid, main) = (t.pid.get(), t.ptid.get(), t.is_main_thread());
        let Some(group) = t.group.filter(|_| !t.is_invalid()) else {
            self.lose_child(ptid);
            self.threads.erase(tid);
            return;
        };
        self.mark_dead(id);
        self.give_children_away(id);
        if self.threads.groups.get(group).alive == 0 {
            self.lose_child(ptid);
            self.threads.groups.forget(pid);
            self.threads.erase(pid);
        }
        if !main {
            self.lose_child(ptid);
            self.threads.erase(tid);
        }
        self.stats.threads_removed.add(1);
    }

    fn give_children_away(&mut self, id: ThreadId) {
        let Some(t) = self.threads.by_id_mut(id) else { return };
        if t.children.is_empty() {
            return;
        }
        let (pid, announced) = (t.pid.get(), t.reaper_tid.get());
        let children = std::mem::take(&mut t.children);
        t.not_expired_children.set(0);
        let announced = if announced > 0 { self.find_or_invent(announced) } else { None };
        let reaper = announced
            .filter(|&r| r != id && self.threads.by_id(r).is_some_and(|r| !r.is_invalid()))
            .or_else(|| self.find_reaper(id));
        if let Some(reaper) = reaper {
            let (rtid, rpid) = self.threads.by_id(reaper).map_or((-1, -1), |r| (r.tid.get(), r.pid.get()));
            if let Some(t) = self.threads.by_id(id) {
                t.reaper_tid.set(rtid);
            }
            if rpid != pid {
                self.set_reaper(reaper, true);
            }
        }
        self.adopt_children(children, reaper);
    }

    fn adopt_children(&mut self, children: Vec<ThreadId>, reaper: Option<ThreadId>) {
        for child in children {
            if self.threads.by_id(child).is_none() {
                continue;
            }
            match reaper {
                Some(reaper) => self.add_child(reaper, child),
                None => self.threads.by_id(child).into_iter().for_each(|c| c.ptid.set(0)),
            }
        }
    }

    /// Moves the children of a thread to `reaper`; with `None` their parent tid becomes 0.
    pub fn move_children(&mut self, id: ThreadId, reaper: Option<ThreadId>) {
        let Some(t) = self.threads.by_id_mut(id) else { return };
        let children = std::mem::take(&mut t.children);
        t.not_expired_children.set(0);
        self.adopt_children(children, reaper);
    }

    /// The thread that adopts the children of `id`, chosen like `find_new_reaper` in the kernel: another living thread of
    /// its process, else one of the closest ancestor process that is a reaper in the same pid namespace.
    pub fn find_reaper(&self, id: ThreadId) -> Option<ThreadId> {
        let t = self.threads.by_id(id)?;
        let living = |of: &Thread| {
            let mut threads = self.threads.process_threads(of);
            threads.find(|m| !m.is_dead() && m.id != id).map(Thread::id)
        };
        if let Some(other) = living(t) {
            return Some(other);
        }
        self.threads
            .parent_threads(t)
            .take_while(|p| p.is_in_pid_namespace() == t.is_in_pid_namespace())
            .filter(|p| self.threads.is_reaper(p))
            .find_map(living)
    }

    /// Removes threads with only an id, and those without an event for `timeout` nanoseconds that the source does not find
    /// any more, by `sign`.
    pub fn purge(&mut self, timeout: u64, sign: SignOfEnd) {
        self.exited_threads(timeout, sign).into_iter().for_each(|tid| self.remove_thread(tid));
        self.clean_families();
    }

    /// The tids that [`State::purge`] removes.
    pub(crate) fn exited_threads(&mut self, timeout: u64, sign: SignOfEnd) -> Vec<i64> {
        let now = self.now;
        let mut source = self.source.take();
        let mut gone: Vec<i64> = Vec::new();
        for t in self.threads.iter() {
            let quiet = now > t.lastaccess_ts.get().saturating_add(timeout);
            let comm = (sign == SignOfEnd::NoSuchName).then(|| t.comm());
            // Without a source, a thread counts as gone after the timeout.
            let mut is_gone = || source.as_mut().is_none_or(|s| !s.is_alive(t.pid.get(), t.tid.get(), comm));
            if t.is_invalid() || (quiet && is_gone()) {
                gone.push(t.tid.get());
            }
        }
        self.source = source;
        gone
    }

    /// Removes handles of threads that have left the table from groups and child lists.
    pub(crate) fn clean_families(&mut self) {
        let ids: Vec<ThreadId> = self.threads.iter().map(Thread::id).collect();
        for id in ids {
            self.clean_children(id);
            if let Some(group) = self.threads.by_id(id).filter(|t| t.is_main_thread()).and_then(|t| t.group) {
                self.clean_group(group);
            }
        }
    }
}
