//! The thread table: threads have stable addresses and generation-checked handles, and their number is limited.

use super::cl;
use super::group::{Group, GroupId, Groups};
use super::store::{Exposures, ThreadStore};
use super::{Fd, FdTable, List, Thread};
use hashbrown::HashMap;
use std::cell::Cell;

/// The default of [`ThreadTable::limit`].
pub const DEFAULT_LIMIT: usize = 262_144;

/// A handle of a thread: a slot and the generation of that slot. Once the thread has left the table, the handle finds
/// nothing, even if the slot holds another thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId {
    slot: u32,
    generation: u32,
}

impl ThreadId {
    /// The handle of no thread.
    pub const NONE: ThreadId = ThreadId { slot: u32::MAX, generation: u32::MAX };

    /// The result of [`ThreadId::to_number`] for [`ThreadId::NONE`].
    pub const NONE_NUMBER: u64 = 0;

    /// The handle as a number, for the C interface.
    pub fn to_number(self) -> u64 {
        (u64::from(self.generation) << 32 | u64::from(self.slot)).wrapping_add(1)
    }

    /// The inverse of [`ThreadId::to_number`]. Any other number gives a handle that finds nothing or an arbitrary thread.
    pub fn from_number(number: u64) -> ThreadId {
        let number = number.wrapping_sub(1);
        ThreadId { slot: number as u32, generation: (number >> 32) as u32 }
    }
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    thread: Option<Box<Thread>>,
    /// Whether handles find the thread. `false` for a thread that was removed but is pinned, or is not added yet.
    listed: bool,
    /// Whether its tid finds it. A thread can be a member of its group (`listed`) without that.
    published: bool,
    pins: Cell<u32>,
}

/// All threads. The address of a [`Thread`] does not change while it is in the table or pinned.
#[derive(Debug)]
pub struct ThreadTable {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_tid: HashMap<i64, u32>,
    /// The tid and slot of the last lookup: consecutive events often belong to the same thread.
    last: Cell<(i64, u32)>,
    pub(super) groups: Groups,
    exposures: Exposures,
    limit: usize,
    /// The pid of the inspector's process, whose threads are added even if the table is full.
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
    /// The thread with id `tid`.
    #[inline]
    pub fn get(&self, tid: i64) -> Option<&Thread> {
        self.slots[self.slot_of(tid)? as usize].thread.as_deref()
    }

    /// The thread with id `tid`, to change it.
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

    /// Whether the last lookup was of `tid` and found it.
    #[inline]
    pub(super) fn is_last(&self, tid: i64) -> bool {
        tid >= 0 && self.last.get().0 == tid
    }

    /// The handle of the thread with id `tid`.
    #[inline]
    pub fn id_of(&self, tid: i64) -> Option<ThreadId> {
        let slot = self.slot_of(tid)?;
        Some(ThreadId { slot, generation: self.slots[slot as usize].generation })
    }

    /// The thread of a handle, unless it has left the table.
    #[inline]
    pub fn by_id(&self, id: ThreadId) -> Option<&Thread> {
        let slot = self.slots.get(id.slot as usize)?;
        if slot.generation == id.generation && slot.listed { slot.thread.as_deref() } else { None }
    }

    /// As [`ThreadTable::by_id`], to change it.
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

    /// The number of threads.
    pub fn len(&self) -> usize {
        self.by_tid.len()
    }

    /// Whether the table has no threads.
    pub fn is_empty(&self) -> bool {
        self.by_tid.is_empty()
    }

    /// The most threads that the table stores.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Changes the limit; threads beyond a lower limit stay.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Sets the process whose threads are added even if the table is full.
    pub fn set_self_pid(&mut self, pid: i64) {
        self.self_pid = pid;
    }

    /// Whether a thread of process `pid` may be added.
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

    /// The main threads of the parent, the grandparent and so on. The iterator ends when it detects a loop.
    pub fn ancestors<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        self.chain(thread, Self::parent)
    }

    /// The threads that the parent tids lead to, main threads or not. The iterator ends when it detects a loop.
    pub fn parent_threads<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        self.chain(thread, |table, t| table.get(t.ptid.get()))
    }

    fn chain<'a>(
        &'a self,
        start: &'a Thread,
        next: impl Fn(&'a ThreadTable, &'a Thread) -> Option<&'a Thread> + 'a,
    ) -> impl Iterator<Item = &'a Thread> {
        // Brent's loop detection: `mark` moves to the walker's position after 1, 2, 4, ... steps, so in a loop the walker
        // meets it.
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

    /// The fds that `thread` uses: its own, or with CLONE_FILES those of the main thread.
    #[inline]
    pub fn fds<'a>(&'a self, thread: &'a Thread) -> Option<&'a FdTable> {
        if !thread.has_flags(cl::CLONE_FILES) {
            return Some(&thread.own_fds);
        }
        self.main_thread(thread).map(|t| &t.own_fds)
    }

    /// The handle of the thread whose `own_fds` the thread `id` uses.
    #[inline]
    pub(crate) fn fds_owner(&self, id: ThreadId) -> Option<ThreadId> {
        let thread = self.by_id(id)?;
        if thread.has_flags(cl::CLONE_FILES) { self.main_thread(thread).map(|t| t.id) } else { Some(id) }
    }

    /// The fds that the thread `id` uses, to change them.
    #[inline]
    pub(crate) fn fds_mut(&mut self, id: ThreadId) -> Option<&mut FdTable> {
        let owner = self.fds_owner(id)?;
        self.by_id_mut(owner).map(|t| &mut t.own_fds)
    }

    /// The fd with number `fd` that `thread` uses.
    #[inline]
    pub fn fd<'a>(&'a self, thread: &'a Thread, fd: i64) -> Option<&'a Fd> {
        if fd < 0 { None } else { self.fds(thread)?.get(fd) }
    }

    /// The number of fds of the process of `thread`.
    pub fn fd_count(&self, thread: &Thread) -> usize {
        self.main_thread(thread).map_or(0, |t| t.own_fds.len())
    }

    /// The RLIMIT_NOFILE of the process of `thread`; 0 if the process is not known, -1 if the limit is not.
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

    /// The value of an environment variable of the process of `thread`, with spaces trimmed; `None` if nothing remains.
    pub fn env_var<'a>(&'a self, thread: &'a Thread, name: &[u8]) -> Option<&'a [u8]> {
        let value = self.env(thread).iter().find_map(|var| var.strip_prefix(name)?.strip_prefix(b"="))?;
        let start = value.iter().position(|&b| b != b' ')?;
        let end = value.iter().rposition(|&b| b != b' ')?;
        Some(&value[start..=end])
    }

    /// The number of threads of the process of `thread` that have not exited.
    pub fn thread_count(&self, thread: &Thread) -> u64 {
        thread.group.map_or(0, |g| self.groups.get(g).alive)
    }

    /// As [`ThreadTable::thread_count`], without the main thread.
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

    /// Whether the process of `thread` is the reaper of orphaned descendants.
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

    /// Keeps the thread `id` at its address, even after it is removed, until [`ThreadTable::unpin`] was called once per
    /// pin. Returns whether the thread exists.
    pub fn pin(&self, id: ThreadId) -> bool {
        let slot = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation && s.thread.is_some());
        slot.map(|s| s.pins.set(s.pins.get() + 1)).is_some()
    }

    /// Undoes one pin; the last one frees a thread that was removed.
    pub fn unpin(&mut self, id: ThreadId) {
        let Some(slot) = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation) else { return };
        let pins = slot.pins.get().saturating_sub(1);
        slot.pins.set(pins);
        if pins == 0 && !slot.listed && slot.thread.is_some() {
            self.free_slot(id.slot);
        }
    }

    /// Undoes one pin of a thread that stays: it is in the table, or has other pins. Returns `false`, and changes nothing, if it was the last pin of
    /// a thread that was removed, which [`ThreadTable::unpin`] frees.
    #[inline]
    pub fn unpin_kept(&self, id: ThreadId) -> bool {
        let Some(slot) = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation) else {
            return true;
        };
        let pins = slot.pins.get();
        let stays = slot.listed || pins > 1;
        if stays {
            slot.pins.set(pins.saturating_sub(1));
        }
        stays
    }

    /// The number of places for threads; some are empty.
    pub(super) fn places(&self) -> usize {
        self.slots.len()
    }

    /// Pins the thread at a place; `None` if none is there that its tid finds.
    #[inline]
    pub(super) fn pin_at(&self, place: usize) -> Option<ThreadId> {
        let slot = self.slots.get(place).filter(|s| s.published && s.thread.is_some())?;
        slot.pins.set(slot.pins.get() + 1);
        Some(ThreadId { slot: place as u32, generation: slot.generation })
    }

    /// The thread of a handle, even if it was removed and is only pinned.
    #[inline]
    pub fn pinned(&self, id: ThreadId) -> Option<&Thread> {
        let slot = self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation)?;
        slot.thread.as_deref()
    }

    /// As [`ThreadTable::pinned`], to change it.
    pub fn pinned_mut(&mut self, id: ThreadId) -> Option<&mut Thread> {
        let slot = self.slots.get_mut(id.slot as usize).filter(|s| s.generation == id.generation)?;
        slot.thread.as_deref_mut()
    }

    /// Stores a thread outside the table, like one that was removed, with one pin.
    pub(super) fn place_apart(&mut self, thread: Thread) -> ThreadId {
        let id = self.place(thread);
        let slot = &mut self.slots[id.slot as usize];
        slot.listed = false;
        slot.pins.set(1);
        id
    }

    /// Makes the handle of a thread from [`ThreadTable::place_apart`] valid. Its tid finds it only after
    /// [`ThreadTable::publish`].
    pub(super) fn enlist(&mut self, id: ThreadId) {
        if self.pinned(id).is_some() {
            self.slots[id.slot as usize].listed = true;
        }
    }

    /// Stores a thread in a slot. Its tid finds it only after [`ThreadTable::publish`].
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

    /// Makes the thread's tid find it; removes another thread of the same tid.
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

    /// Removes the thread with id `tid` from the table. Its group and its relatives are not updated.
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

    /// Removes all threads. Pinned ones stay at their addresses until they are unpinned.
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

    /// The counter of the threads and fds whose data objects outside the core hold.
    pub fn exposures(&self) -> &Exposures {
        &self.exposures
    }

    /// The number of threads and fds whose data objects outside the core hold. While it is not 0, their data may change at
    /// any time.
    #[inline]
    pub fn exposed(&self) -> usize {
        self.exposures.count()
    }

    /// Makes `store`, which already holds a copy of the thread's data, the place of the data from now on. Returns `false`
    /// if the thread is gone or has a store already.
    pub fn expose(&self, id: ThreadId, store: Box<dyn ThreadStore>) -> bool {
        self.pinned(id).is_some_and(|t| t.expose(store, self.exposures.add()))
    }

    /// Frees the core's copy of thread data that an object outside the core holds now.
    pub fn settle(&mut self, id: ThreadId) {
        self.pinned_mut(id).into_iter().for_each(Thread::settle);
    }

    /// The handle of the group of `thread`, if it is in one.
    pub fn group_of(&self, thread: &Thread) -> Option<GroupId> {
        thread.group.map(|slot| self.groups.id(slot))
    }

    /// The handle of the group of the process `pid`.
    pub fn group_of_pid(&self, pid: i64) -> Option<GroupId> {
        self.groups.of_pid(pid)
    }

    /// The group of a handle, unless it is gone.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.by_id(id)
    }

    /// As [`ThreadTable::group`], to change it.
    pub fn group_mut(&mut self, id: GroupId) -> Option<&mut Group> {
        self.groups.by_id_mut(id)
    }

    /// Makes a new group the group of process `pid`, in place of another. The `group` of the members is not changed.
    pub fn replace_group(
        &mut self,
        pid: i64,
        reaper: bool,
        alive: u64,
        members: impl IntoIterator<Item = ThreadId>,
    ) -> GroupId {
        self.groups.replace(pid, reaper, alive, members)
    }

    /// Makes `group` the group of process `pid`, in place of another. Returns `false` if `group` is gone.
    pub fn name_group(&mut self, pid: i64, group: GroupId) -> bool {
        self.groups.name(pid, group)
    }

    /// Creates a group and makes it the group of the thread `id` alone, in place of its present one; `None` if the thread
    /// is gone. Neither the member list nor the `alive` count of the present group is changed.
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

    /// Changes the group of the thread `id`. Neither the old nor the new group's member list is changed. Returns `false` if
    /// the thread or the group is gone.
    pub fn set_group(&mut self, id: ThreadId, group: Option<GroupId>) -> bool {
        let there = self.pinned(id).is_some() && group.is_none_or(|group| self.groups.retain(group));
        if there && let Some(t) = self.pinned_mut(id) {
            let before = std::mem::replace(&mut t.group, group.map(GroupId::slot));
            before.into_iter().for_each(|slot| self.groups.release(slot));
        }
        there
    }

    /// The handles of the children of `thread`, the oldest first. Some may have left the table.
    pub fn child_ids<'a>(&'a self, thread: &'a Thread) -> impl DoubleEndedIterator<Item = ThreadId> + 'a {
        thread.children.iter().copied()
    }
}
