//! Thread groups: the threads that make up a process.

use super::ThreadId;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// From so many members that are gone on, the list is cleaned.
const GONE_BEFORE_CLEANING: u64 = 11;

/// The threads of one process.
#[derive(Debug)]
pub(crate) struct Group {
    /// How many have not exited.
    pub alive: u64,
    /// Whether children that lose their parent come to this process.
    pub reaper: bool,
    /// The main thread first, if it is known; some may be gone.
    members: VecDeque<ThreadId>,
    /// How many threads name this group, and one if its pid finds it.
    refs: u32,
}

impl Group {
    pub fn first(&self) -> Option<ThreadId> {
        self.members.front().copied()
    }

    pub fn members(&self) -> impl Iterator<Item = ThreadId> + '_ {
        self.members.iter().copied()
    }

    /// Whether it is time to drop the members that are gone.
    pub fn wants_cleaning(&self) -> bool {
        (self.members.len() as u64).saturating_sub(self.alive) >= GONE_BEFORE_CLEANING
    }

    pub fn clean(&mut self, mut is_there: impl FnMut(ThreadId) -> bool) {
        self.members.retain(|&id| is_there(id));
    }
}

/// All thread groups, by slot and by pid. A group lives as long as a thread names it.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    slots: Vec<Option<Group>>,
    free: Vec<u32>,
    by_pid: HashMap<i64, u32>,
}

impl Groups {
    /// The group in a slot that a thread names.
    #[inline]
    pub fn get(&self, slot: u32) -> &Group {
        self.slots[slot as usize].as_ref().expect("a thread keeps its group")
    }

    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut Group {
        self.slots[slot as usize].as_mut().expect("a thread keeps its group")
    }

    /// Takes a thread into the group of its process, which is made if it is not there; answers the group's slot.
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
        let group = Group { alive: 1, reaper, members: VecDeque::from([thread]), refs: 2 };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(group);
                slot
            }
            None => {
                self.slots.push(Some(group));
                (self.slots.len() - 1) as u32
            }
        };
        self.by_pid.insert(pid, slot);
        slot
    }

    /// Lets a process of the same pid start anew.
    pub fn forget(&mut self, pid: i64) {
        if let Some(slot) = self.by_pid.remove(&pid) {
            self.release(slot);
        }
    }

    pub fn forget_all(&mut self) {
        let slots: Vec<u32> = self.by_pid.drain().map(|(_, slot)| slot).collect();
        slots.into_iter().for_each(|slot| self.release(slot));
    }

    /// A thread names the group no more.
    pub fn release(&mut self, slot: u32) {
        let group = self.get_mut(slot);
        group.refs -= 1;
        if group.refs == 0 {
            self.slots[slot as usize] = None;
            self.free.push(slot);
        }
    }
}
