//! The tables of each thread: its fds and its lists of texts.

use super::{Entry, SubTable, TableError};
use crate::state::store::ThreadList;
use crate::state::{State, TextList, Thread, ThreadId};

impl State {
    /// The thread whose fd table a thread uses; also for a thread that was removed and is only pinned.
    pub(super) fn files_of(&self, thread: ThreadId) -> Option<ThreadId> {
        let t = self.threads.pinned(thread)?;
        if t.has_flags(crate::state::cl::CLONE_FILES) {
            self.threads.main_thread(t).map(Thread::id)
        } else {
            Some(thread)
        }
    }

    pub(super) fn hold_fd(&self, thread: ThreadId, number: i64) -> Option<Entry> {
        let owner = self.files_of(thread)?;
        let hold = self.threads.pinned(owner)?.own_fds.hold(number)?;
        Some(Entry::Fd { owner, number, hold })
    }

    pub(super) fn pin_text(&self, owner: ThreadId, list: SubTable, at: usize) -> Option<Entry> {
        let there = texts(self.threads.pinned(owner)?, list).get(at).is_some();
        (there && self.threads.pin(owner)).then_some(Entry::Text { owner, list, at: Some(at) })
    }

    pub(super) fn change_texts(
        &mut self,
        thread: ThreadId,
        list: SubTable,
        change: impl FnOnce(&mut Vec<Vec<u8>>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let t = self.threads.pinned_mut(thread).ok_or(TableError::GONE)?;
        let mut all: Vec<Vec<u8>> = texts(t, list).iter().map(<[u8]>::to_vec).collect();
        change(&mut all)?;
        let all = TextList::from_texts(all);
        match list {
            SubTable::Args => t.set_list(ThreadList::Args, all),
            SubTable::Env => t.set_list(ThreadList::Env, all),
            SubTable::Cgroups => t.set_list(ThreadList::Cgroups, all),
            SubTable::Fds => {}
        }
        Ok(())
    }
}

/// The longest list that a table write can create, because the key is the position.
pub(super) const MAX_TEXTS: usize = 1 << 20;

/// The texts of a list; empty for [`SubTable::Fds`].
pub(super) fn texts(thread: &Thread, list: SubTable) -> TextList {
    match list {
        SubTable::Env => thread.own_env().to_list(),
        SubTable::Cgroups => thread.cgroup_list(),
        SubTable::Args => thread.args().to_list(),
        SubTable::Fds => TextList::default(),
    }
}
