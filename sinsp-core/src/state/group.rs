//! Thread groups: the threads that make up a process.

use super::ThreadId;
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

/// From so many members that are gone on, a group drops them.
const GONE_MEMBERS_BEFORE_CLEANING: u64 = 11;

/// From so many children that are gone on, a thread drops them.
pub(super) const GONE_CHILDREN_BEFORE_CLEANING: u64 = 10;

/// A handle of a thread group. Once the group is gone it finds nothing, even if its slot holds another group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupId {
    slot: u32,
    generation: u32,
}

impl GroupId {
    /// The handle as a number, for the C interface; never 0.
    pub fn to_number(self) -> u64 {
        (u64::from(self.generation) << 32 | u64::from(self.slot)).wrapping_add(1)
    }

    pub(super) fn slot(self) -> u32 {
        self.slot
    }

    /// The inverse of [`GroupId::to_number`]. Any other number gives a handle that finds nothing or an arbitrary group.
    pub fn from_number(number: u64) -> GroupId {
        let number = number.wrapping_sub(1);
        GroupId { slot: number as u32, generation: (number >> 32) as u32 }
    }
}

/// What is known of a thread group, beside which threads it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupData {
    /// The pid for which it was created.
    pub pid: i64,
    /// How many of its threads have not exited.
    pub alive: u64,
    /// Whether the process is the reaper of orphaned descendants.
    pub reaper: bool,
}

/// The threads of one process. It reads like its [`GroupData`].
#[derive(Debug)]
pub struct Group {
    data: GroupData,
    /// The main thread first, if it is known. Some may have left the table.
    members: VecDeque<ThreadId>,
    /// A reference count: one per thread whose group this is, and one if `Groups::by_pid` has it.
    refs: u32,
}

impl Deref for Group {
    type Target = GroupData;

    fn deref(&self) -> &GroupData {
        &self.data
    }
}

impl DerefMut for Group {
    fn deref_mut(&mut self) -> &mut GroupData {
        &mut self.data
    }
}

impl Group {
    /// The main thread, if it is known, else another thread; it may have left the table.
    pub fn first(&self) -> Option<ThreadId> {
        self.members.front().copied()
    }

    /// All members; some may have left the table.
    pub fn members(&self) -> impl Iterator<Item = ThreadId> + '_ {
        self.members.iter().copied()
    }

    /// Whether to remove the members that have left the table.
    pub(crate) fn wants_cleaning(&self) -> bool {
        (self.members.len() as u64).saturating_sub(self.alive) >= GONE_MEMBERS_BEFORE_CLEANING
    }

    pub(crate) fn clean(&mut self, mut is_there: impl FnMut(ThreadId) -> bool) {
        self.members.retain(|&id| is_there(id));
    }
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    group: Option<Group>,
}

/// All thread groups, by slot and by pid. A group is freed with its last reference.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_pid: HashMap<i64, u32>,
}

impl Groups {
    /// The group in a slot that a thread refers to.
    #[inline]
    pub fn get(&self, slot: u32) -> &Group {
        self.slots[slot as usize].group.as_ref().expect("a thread keeps its group")
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut Group {
        self.slots[slot as usize].group.as_mut().expect("a thread keeps its group")
    }

    /// Adds a thread to the group of its process, which is created if there is none; returns the group's slot.
    pub fn join(&mut self, pid: i64, thread: ThreadId, main: bool, reaper: bool) -> u32 {
        if let Some(&slot) = self.by_pid.get(&pid) {
            let group = self.get_mut(slot);
            if main {
                group.members.push_front(thread);
            } else {
                group.members.push_back(thread);
            }
            group.alive += 1;
            group.refs += 1;
            return slot;
        }
        let slot = self.insert(Group {
            data: GroupData { pid, alive: 1, reaper },
            members: VecDeque::from([thread]),
            refs: 2,
        });
        self.by_pid.insert(pid, slot);
        slot
    }

    fn insert(&mut self, group: Group) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize].group = Some(group);
        slot
    }

    /// Creates a group and makes it the group of process `pid`, in place of another.
    pub fn replace(
        &mut self,
        pid: i64,
        reaper: bool,
        alive: u64,
        members: impl IntoIterator<Item = ThreadId>,
    ) -> GroupId {
        let group = self.make(pid, reaper, alive, members);
        self.name(pid, group);
        group
    }

    /// Creates a group without references. The caller adds one, or the group is never freed.
    pub fn make(&mut self, pid: i64, reaper: bool, alive: u64, members: impl IntoIterator<Item = ThreadId>) -> GroupId {
        let slot = self.insert(Group {
            data: GroupData { pid, alive, reaper },
            members: members.into_iter().collect(),
            refs: 0,
        });
        self.id(slot)
    }

    /// Makes `group` the group of process `pid`, in place of another. Returns `false` if `group` is gone.
    pub fn name(&mut self, pid: i64, group: GroupId) -> bool {
        let there = self.retain(group);
        if there {
            self.forget(pid);
            self.by_pid.insert(pid, group.slot);
        }
        there
    }

    /// Adds a reference; returns `false` if the group is gone.
    pub fn retain(&mut self, group: GroupId) -> bool {
        self.by_id_mut(group).map(|group| group.refs += 1).is_some()
    }

    /// The handle of the group in a slot.
    pub fn id(&self, slot: u32) -> GroupId {
        GroupId { slot, generation: self.slots[slot as usize].generation }
    }

    /// The handle of the group of process `pid`.
    pub fn of_pid(&self, pid: i64) -> Option<GroupId> {
        self.by_pid.get(&pid).map(|&slot| self.id(slot))
    }

    /// The group of a handle, unless it is gone.
    pub fn by_id(&self, id: GroupId) -> Option<&Group> {
        self.slots.get(id.slot as usize).filter(|s| s.generation == id.generation)?.group.as_ref()
    }

    /// As [`Groups::by_id`], to change it.
    pub fn by_id_mut(&mut self, id: GroupId) -> Option<&mut Group> {
        self.slots.get_mut(id.slot as usize).filter(|s| s.generation == id.generation)?.group.as_mut()
    }

    /// Removes the link from `pid` to its group, so that a new process with this pid gets a new group.
    pub fn forget(&mut self, pid: i64) {
        if let Some(slot) = self.by_pid.remove(&pid) {
            self.release(slot);
        }
    }

    pub fn forget_all(&mut self) {
        let slots: Vec<u32> = self.by_pid.drain().map(|(_, slot)| slot).collect();
        slots.into_iter().for_each(|slot| self.release(slot));
    }

    /// Drops a reference; the last one frees the group.
    pub fn release(&mut self, slot: u32) {
        let group = self.get_mut(slot);
        group.refs -= 1;
        if group.refs == 0 {
            let slot_of = &mut self.slots[slot as usize];
            slot_of.group = None;
            slot_of.generation = slot_of.generation.wrapping_add(1);
            self.free.push(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_lasts_as_long_as_it_is_named() {
        let mut groups = Groups::default();
        let made = groups.make(5, true, 1, [ThreadId::NONE]);
        assert!(groups.of_pid(5).is_none() && groups.retain(made));
        assert!(groups.name(5, made) && groups.name(6, made));
        assert_eq!((groups.of_pid(5), groups.of_pid(6)), (Some(made), Some(made)));
        let other = groups.replace(5, false, 0, []);
        assert_eq!((groups.of_pid(5), groups.by_id(made).unwrap().pid), (Some(other), 5));
        assert!(groups.name(6, made) && groups.by_id(made).is_some());
        groups.release(made.slot());
        assert!(groups.by_id(made).is_some(), "a pid finds it");
        groups.forget(6);
        assert!(groups.by_id(made).is_none() && !groups.retain(made) && !groups.name(7, made));
        assert!(groups.of_pid(7).is_none());
        groups.forget_all();
        assert!(groups.by_id(other).is_none());
    }
}
