//! The table of threads: stable addresses, handles that know when their thread is gone, and a limit that holds.

use super::cl;
use super::group::{Group, GroupId, Groups};
use super::store::{Exposures, ThreadStore};
use super::{Fd, FdTable, List, Thread};
use hashbrown::HashMap;
use std::cell::Cell;

/// How many threads the table holds unless it is told otherwise.
pub const DEFAULT_LIMIT: usize = 262_144;

/// A handle of a thread. It knows its thread for ever: when the thread is gone, the handle finds nothing, even if another thread took its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId {
    slot: u32,
    generation: u32,
}

impl ThreadId {
    /// The handle of no thread.
    pub const NONE: ThreadId = ThreadId { slot: u32::MAX, generation: u32::MAX };

    /// What [`ThreadId::to_number`] answers for the handle of no thread.
    pub const NONE_NUMBER: u64 = 0;

    /// The handle as one number, for other languages.
    pub fn to_number(self) -> u64 {
        (u64::from(self.generation) << 32 | u64::from(self.slot)).wrapping_add(1)
    }

    /// The handle that a number of [`ThreadId::to_number`] stands for. Any other number is a handle that finds nothing, or some thread.
    pub fn from_number(number: u64) -> ThreadId {
        let number = number.wrapping_sub(1);
        ThreadId { slot: number as u32, generation: (number >> 32) as u32 }
    }
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    thread: Option<Box<Thread>>,
    /// Whether the table still counts it; a thread that was removed stays while it is pinned.
    listed: bool,
    /// Whether its tid finds it. A thread may be part of its process without being in the table.
    published: bool,
    pins: Cell<u32>,
}

/// All threads that are known. Their addresses stay as long as they are in it, or pinned.
#[derive(Debug)]
pub struct ThreadTable {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_tid: HashMap<i64, u32>,
    /// The tid and slot of the last lookup: a thread tends to make several events in a row.
    last: Cell<(i64, u32)>,
    pub(super) groups: Groups,
    exposures: Exposures,
    limit: usize,
    /// The process that may come in even when the table is full: the inspector's own.
    self_pid: i64,
}

impl Default for ThreadTable {
    fn default() -> Self {
        ThreadTable {
            slots: Vec::new(),
            free: Vec::new(),
            by_tid: HashMap::new(),
            last: Cell::new((-1, u32::MAX)),
            groups: Groups::default(),
            exposures: Exposures::default(),
            limit: DEFAULT_LIMIT,
            self_pid: -1,
        }
    }
}

impl ThreadTable {
    /// The thread `tid`.
    #[inline]
    pub fn get(&self, tid: i64) -> Option<&Thread> {
        self.slots[self.slot_of(tid)? as usize].thread.as_deref()
    }

    /// The thread `tid`, to change it.
    #[inline]
    pub fn get_mut(&mut self, tid: i64) -> Option<&mut Thread> {
        let slot = self.slot_of(tid)?;
        self.slots[slot as usize].thread.as_deref_mut()
    }

    #[inline]
    fn slot_of(&self, tid: i64) -> Option<u32> {
        let (last_tid, last_slot) = self.last.get();
        if last_tid == tid && tid >= 0 {
            return Some(last_slot);
        }
        let slot = *self.by_tid.get(&tid)?;
        self.last.set((tid, slot));
        Some(slot)
    }

    /// The handle of the thread `tid`.
    #[inline]
    pub fn id_of(&self, tid: i64) -> Option<ThreadId> {
        let slot = self.slot_of(tid)?;
        Some(ThreadId { slot, generation: self.slots[slot as usize].generation })
    }

    /// The thread of a handle, unless it is gone.
    #[inline]
    pub fn by_id(&self, id: ThreadId) -> Option<&Thread> {
        let slot = self.slots.get(id.slot as usize)?;
        if slot.generation == id.generation && slot.listed { slot.thread.as_deref() } else { None }
    }

    /// The thread of a handle, to change it.
    #[inline]
    pub fn by_id_mut(&mut self, id: ThreadId) -> Option<&mut Thread> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        if slot.generation == id.generation && slot.listed { slot.thread.as_deref_mut() } else { None }
    }

    /// All threads, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.slots.iter().filter(|s| s.published).filter_map(|s| s.thread.as_deref())
    }

    /// All threads, in no order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Thread> {
        self.slots.iter_mut().filter(|s| s.published).filter_map(|s| s.thread.as_deref_mut())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_tid.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_tid.is_empty()
    }

    /// The most threads that the table takes in.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Sets the most threads that the table takes in; those it has stay.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Names the process whose threads come in even when the table is full.
    pub fn set_self_pid(&mut self, pid: i64) {
        self.self_pid = pid;
    }

    /// Whether a thread of process `pid` may still come in.
    pub(crate) fn has_room(&self, pid: i64) -> bool {
        self.len() < self.limit || (pid > 0 && pid == self.self_pid)
    }

    /// The main thread of the process of `thread`.
    #[inline]
    pub fn main_thread<'a>(&'a self, thread: &'a Thread) -> Option<&'a Thread> {
        if thread.is_main_thread() {
            return Some(thread);
        }
        self.group_leader(thread)
    }

    fn group_leader(&self, thread: &Thread) -> Option<&Thread> {
        let first = self.groups.get(thread.group?).first()?;
        self.by_id(first).filter(|t| t.is_main_thread())
    }

    /// The handle of the main thread of the process of the thread `id`.
    #[inline]
    pub(crate) fn main_id(&self, id: ThreadId) -> Option<ThreadId> {
        self.by_id(id).and_then(|t| self.main_thread(t)).map(|t| t.id)
    }

    /// The main thread of the parent process.
    pub fn parent<'a>(&'a self, thread: &'a Thread) -> Option<&'a Thread> {
        let parent = self.get(self.main_thread(thread)?.ptid.get())?;
        self.main_thread(parent)
    }

    /// The main threads of parent, grandparent and so on. Ends where a process comes up again.
    pub fn ancestors<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        self.chain(thread, Self::parent)
    }

    /// The threads that the parent ids lead to, main thread or not. Ends where a thread comes up again.
    pub fn parent_threads<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        self.chain(thread, |table, t| table.get(t.ptid.get()))
    }

    fn chain<'a>(
        &'a self,
        start: &'a Thread,
        next: impl Fn(&'a ThreadTable, &'a Thread) -> Option<&'a Thread> + 'a,
    ) -> impl Iterator<Item = &'a Thread> {
        // Brent's search for loops: a mark that jumps ahead in steps of growing length meets the walker in every loop.
        let (mut mark, mut steps, mut limit) = (start, 0u32, 1u32);
        let mut at = start;
        std::iter::from_fn(move || {
            at = next(self, at)?;
            if std::ptr::eq(at, mark) {
                return None;
            }
            steps += 1;
            if steps == limit {
                mark = at;
                steps = 0;
                limit = limit.saturating_mul(2);
            }
            Some(at)
        })
    }

    /// The open files that `thread` uses: its own, or those of its process.
    #[inline]
    pub fn fds<'a>(&'a self, thread: &'a Thread) -> Option<&'a FdTable> {
        if !thread.has_flags(cl::CLONE_FILES) {
            return Some(&thread.own_fds);
        }
        self.main_thread(thread).map(|t| &t.own_fds)
    }

    /// The handle of the thread whose table has the files of the thread `id`.
    #[inline]
    pub(crate) fn fds_owner(&self, id: ThreadId) -> Option<ThreadId> {
        let thread = self.by_id(id)?;
        if thread.has_flags(cl::CLONE_FILES) { self.main_thread(thread).map(|t| t.id) } else { Some(id) }
    }

    /// The open files that the thread `id` uses, to change them.
    #[inline]
    pub(crate) fn fds_mut(&mut self, id: ThreadId) -> Option<&mut FdTable> {
        let owner = self.fds_owner(id)?;
        self.by_id_mut(owner).map(|t| &mut t.own_fds)
    }

    /// The file that `thread` has open as number `fd`.
    #[inline]
    pub fn fd<'a>(&'a self, thread: &'a Thread, fd: i64) -> Option<&'a Fd> {
        if fd < 0 { None } else { self.fds(thread)?.get(fd) }
    }

    /// How many files the process of `thread` has open.
    pub fn fd_count(&self, thread: &Thread) -> usize {
        self.main_thread(thread).map_or(0, |t| t.own_fds.len())
    }

    /// How many files the process of `thread` may open; 0 if the process is not known, -1 if the limit is not.
    pub fn fd_limit(&self, thread: &Thread) -> i64 {
        self.main_thread(thread).map_or(0, |t| t.fdlimit.get())
    }

    /// The working directory of the process of `thread`, with a `/` at its end; `./` if the process is not known.
    pub fn cwd<'a>(&'a self, thread: &'a Thread) -> &'a [u8] {
        self.main_thread(thread).map_or(b"./", |t| t.own_cwd())
    }

    /// The environment of the process of `thread`.
    pub fn env<'a>(&'a self, thread: &'a Thread) -> List<'a> {
        self.main_thread(thread).unwrap_or(thread).own_env()
    }

    /// The value of an environment variable of the process of `thread`, without spaces around it.
    pub fn env_var<'a>(&'a self, thread: &'a Thread, name: &[u8]) -> Option<&'a [u8]> {
        let value = self.env(thread).iter().find_map(|var| var.strip_prefix(name)?.strip_prefix(b"="))?;
        let start = value.iter().position(|&b| b != b' ')?;
        let end = value.iter().rposition(|&b| b != b' ')?;
        Some(&value[start..=end])
    }

    /// How many threads the process of `thread` has that have not exited.
    pub fn thread_count(&self, thread: &Thread) -> u64 {
        thread.group.map_or(0, |g| self.groups.get(g).alive)
    }

    /// The same without the main thread.
    pub fn secondary_thread_count(&self, thread: &Thread) -> u64 {
        let all = self.thread_count(thread);
        let main_lives = self.main_thread(thread).is_some_and(|t| !t.is_dead());
        if thread.group.is_some() && main_lives { all.saturating_sub(1) } else { all }
    }

    /// The threads of the process of `thread` that are still in the table, the main thread first.
    pub fn process_threads<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        let members = thread.group.map(|g| self.groups.get(g).members());
        members.into_iter().flatten().filter_map(|id| self.by_id(id))
    }

    /// Whether children that lose their parent come to the process of `thread`.
    pub fn is_reaper(&self, thread: &Thread) -> bool {
        thread.group.is_some_and(|g| self.groups.get(g).reaper)
    }

    /// The children of `thread` that are still in the table.
    pub fn children<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        thread.children.iter().filter_map(|&id| self.by_id(id))
    }

    /// The thread that `thread` means by `number`. In a pid namespace of its own it does not count as the host does; there, the threads of its
    /// process and its children are found.
    pub fn meant_by<'a>(&'a self, thread: &'a Thread, number: i64) -> Option<&'a Thread> {
        if !thread.is_in_pid_namespace() {
            return self.get(number);
        }
        // A child with a namespace of its own has another number there.
        let children = self.children(thread).filter(|child| !child.has_flags(cl::CLONE_NEWPID));
        let near = std::iter::once(thread).chain(self.process_threads(thread)).chain(children);
        near.into_iter().find(|near| near.vtid.get() == number)
    }

    /// Keeps the thread `id` at its address, even if it is removed, until it is unpinned as often as it was pinned.
    /// Answers whether the thread is there.
    pub fn pin(&self, id: ThreadId) -> bool {
        let slot = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation && s.thread.is_some());
        slot.map(|s| s.pins.set(s.pins.get() + 1)).is_some()
    }

    /// Takes back one pin; frees a removed thread with the last one.
    pub fn unpin(&mut self, id: ThreadId) {
        let Some(slot) = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation) else { return };
        let pins = slot.pins.get().saturating_sub(1);
        slot.pins.set(pins);
        if pins == 0 && !slot.listed && slot.thread.is_some() {
            self.free_slot(id.slot);
        }
    }

    /// The thread of a handle even if it was removed and is only pinned.
    pub fn pinned(&self, id: ThreadId) -> Option<&Thread> {
        let slot = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation)?;
        slot.thread.as_deref()
    }

    /// The same, to change it.
    pub fn pinned_mut(&mut self, id: ThreadId) -> Option<&mut Thread> {
        let slot = self.slots.get_mut(id.slot as usize).filter(|s| s.generation == id.generation)?;
        slot.thread.as_deref_mut()
    }

    /// Puts a thread into a slot apart from the table, as if it had been removed, and pins it once.
    pub(super) fn place_apart(&mut self, thread: Thread) -> ThreadId {
        let id = self.place(thread);
        let slot = &mut self.slots[id.slot as usize];
        slot.listed = false;
        slot.pins.set(1);
        id
    }

    /// Brings a thread that is apart into the table without telling anyone: [`ThreadTable::publish`] does.
    pub(super) fn enlist(&mut self, id: ThreadId) {
        if self.pinned(id).is_some() {
            self.slots[id.slot as usize].listed = true;
        }
    }

    /// Puts a thread into a slot without telling anyone: [`ThreadTable::publish`] does.
    pub(super) fn place(&mut self, thread: Thread) -> ThreadId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, thread: None, listed: false, published: false, pins: Cell::new(0) });
            (self.slots.len() - 1) as u32
        });
        let s = &mut self.slots[slot as usize];
        let id = ThreadId { slot, generation: s.generation };
        s.listed = true;
        s.thread.insert(Box::new(thread)).id = id;
        id
    }

    /// Makes the thread of a slot the one that its tid finds; a thread that had the tid before is dropped.
    pub(super) fn publish(&mut self, id: ThreadId) {
        let Some(tid) = self.by_id(id).map(|t| t.tid.get()) else { return };
        self.last.set((-1, u32::MAX));
        self.slots[id.slot as usize].published = true;
        if let Some(before) = self.by_tid.insert(tid, id.slot)
            && before != id.slot
        {
            self.retire(before);
        }
    }

    /// Takes the thread `tid` off the table; nothing else is updated.
    pub(super) fn erase(&mut self, tid: i64) {
        self.last.set((-1, u32::MAX));
        if let Some(slot) = self.by_tid.remove(&tid) {
            self.retire(slot);
        }
    }

    fn retire(&mut self, slot: u32) {
        let s = &mut self.slots[slot as usize];
        (s.listed, s.published) = (false, false);
        if let Some(t) = &mut s.thread {
            let group = t.group.map(|of| (self.groups.id(of), **self.groups.get(of)));
            t.leave(group);
        }
        if s.pins.get() == 0 {
            self.free_slot(slot);
        }
    }

    fn free_slot(&mut self, slot: u32) {
        let s = &mut self.slots[slot as usize];
        if let Some(group) = s.thread.take().and_then(|t| t.group) {
            self.groups.release(group);
        }
        let s = &mut self.slots[slot as usize];
        s.generation = s.generation.wrapping_add(1);
        s.pins.set(0);
        self.free.push(slot);
    }

    /// Forgets all threads; those that are pinned stay at their addresses.
    pub fn clear(&mut self) {
        self.last.set((-1, u32::MAX));
        self.by_tid.clear();
        for slot in 0..self.slots.len() as u32 {
            if self.slots[slot as usize].listed {
                self.retire(slot);
            }
        }
        self.groups.forget_all();
    }

    /// What counts the threads and files whose data objects of the program hold.
    pub fn exposures(&self) -> &Exposures {
        &self.exposures
    }

    /// How many threads and files there are whose data objects of the program hold, so that they may change at any time.
    #[inline]
    pub fn exposed(&self) -> usize {
        self.exposures.count()
    }

    /// Has `store`, which knows the data of the thread already, hold them from now on. Answers whether the thread is there, and nobody
    /// held them before.
    pub fn expose(&self, id: ThreadId, store: Box<dyn ThreadStore>) -> bool {
        self.pinned(id).is_some_and(|t| t.expose(store, self.exposures.add()))
    }

    /// Gives the memory back of what an object of the program holds in place of the thread.
    pub fn settle(&mut self, id: ThreadId) {
        self.pinned_mut(id).into_iter().for_each(Thread::settle);
    }

    /// The handle of the group of a thread, if it is in one.
    pub fn group_of(&self, thread: &Thread) -> Option<GroupId> {
        thread.group.map(|slot| self.groups.id(slot))
    }

    /// The handle of the group of a process.
    pub fn group_of_pid(&self, pid: i64) -> Option<GroupId> {
        self.groups.of_pid(pid)
    }

    /// The group of a handle, unless it is gone.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.by_id(id)
    }

    /// The same, to change it.
    pub fn group_mut(&mut self, id: GroupId) -> Option<&mut Group> {
        self.groups.by_id_mut(id)
    }

    /// Makes a group the one that its pid finds, in place of another. Its members are not asked.
    pub fn replace_group(
        &mut self,
        pid: i64,
        reaper: bool,
        alive: u64,
        members: impl IntoIterator<Item = ThreadId>,
    ) -> GroupId {
        self.groups.replace(pid, reaper, alive, members)
    }

    /// Makes a group the one that the pid finds, in place of another; answers whether it is there.
    pub fn name_group(&mut self, pid: i64, group: GroupId) -> bool {
        self.groups.name(pid, group)
    }

    /// Makes a group that only the thread `id` names, in place of the one it is in; `None` if the thread is not there. Neither group's list
    /// of members is changed, nor how many of them count as alive.
    pub fn give_group(
        &mut self,
        id: ThreadId,
        pid: i64,
        reaper: bool,
        alive: u64,
        members: impl IntoIterator<Item = ThreadId>,
    ) -> Option<GroupId> {
        self.pinned(id)?;
        let group = self.groups.make(pid, reaper, alive, members);
        self.set_group(id, Some(group));
        Some(group)
    }

    /// Has the thread `id` name a group, or none, instead of the one that it names. Neither group's list of members is changed. Answers
    /// whether both are there.
    pub fn set_group(&mut self, id: ThreadId, group: Option<GroupId>) -> bool {
        let there = self.pinned(id).is_some() && group.is_none_or(|group| self.groups.retain(group));
        if there && let Some(t) = self.pinned_mut(id) {
            let before = std::mem::replace(&mut t.group, group.map(GroupId::slot));
            before.into_iter().for_each(|slot| self.groups.release(slot));
        }
        there
    }

    /// The handles of the children of `thread`, the oldest first; some may be gone.
    pub fn child_ids<'a>(&'a self, thread: &'a Thread) -> impl DoubleEndedIterator<Item = ThreadId> + 'a {
        thread.children.iter().copied()
    }
}
