//! The fd table of a process.

use super::Fd;
use super::held::{FdHold, HeldFd};
use hashbrown::HashMap;
use std::sync::Arc;

/// The most fds that a table stores. Further fds of the process are dropped.
pub const MAX_FDS: usize = 4096;

/// The fds of a process, by number. The address of an [`Fd`] does not change while it is in the table.
#[derive(Debug, Default)]
pub struct FdTable {
    fds: HashMap<i64, HeldFd>,
}

impl FdTable {
    /// The fd with number `fd`.
    #[inline]
    pub fn get(&self, fd: i64) -> Option<&Fd> {
        self.fds.get(&fd).map(|b| &**b)
    }

    /// The fd with number `fd`, to change it.
    #[inline]
    pub fn get_mut(&mut self, fd: i64) -> Option<&mut Fd> {
        self.fds.get_mut(&fd).map(|b| &mut **b)
    }

    /// All fds, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Fd> {
        self.fds.values().map(|b| &**b)
    }

    /// All fds, in no order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Fd> {
        self.fds.values_mut().map(|b| &mut **b)
    }

    /// The number of fds.
    pub fn len(&self) -> usize {
        self.fds.len()
    }

    /// Whether the table has no fds.
    pub fn is_empty(&self) -> bool {
        self.fds.is_empty()
    }

    /// Adds an fd under number `fd`, and replaces one that has this number; `None` if the table is full.
    pub fn add(&mut self, fd: i64, file: Fd) -> Option<&mut Fd> {
        file.fd.set(fd);
        let full = self.fds.len() >= MAX_FDS;
        match self.fds.entry(fd) {
            hashbrown::hash_map::Entry::Occupied(e) => {
                let known = e.into_mut();
                if known.is_held() {
                    *known = HeldFd::new(file);
                } else {
                    **known = file;
                }
                Some(known)
            }
            hashbrown::hash_map::Entry::Vacant(_) if full => None,
            hashbrown::hash_map::Entry::Vacant(e) => Some(e.insert(HeldFd::new(file))),
        }
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = i64> {
        self.fds.keys().copied()
    }

    /// Registers a holder of the fd with number `fd`: it stays readable after it is closed.
    pub(super) fn hold(&self, fd: i64) -> Option<Arc<FdHold>> {
        self.fds.get(&fd).map(HeldFd::hold)
    }

    /// The fd with number `fd`, if it is still the one that `hold` refers to.
    pub(super) fn held(&self, fd: i64, hold: &Arc<FdHold>) -> Option<&Fd> {
        self.fds.get(&fd).filter(|known| known.is(hold)).map(|b| &**b)
    }

    /// As [`FdTable::held`], to change it.
    pub(super) fn held_mut(&mut self, fd: i64, hold: &Arc<FdHold>) -> Option<&mut Fd> {
        self.fds.get_mut(&fd).filter(|known| known.is(hold)).map(|b| &mut **b)
    }

    /// Moves an fd that is in no table from `hold` into this table, as [`FdTable::add`] does. Returns whether it is in the
    /// table now.
    pub(super) fn add_held(&mut self, fd: i64, hold: &Arc<FdHold>) -> bool {
        if self.fds.len() >= MAX_FDS && !self.fds.contains_key(&fd) {
            return false;
        }
        let Some(file) = HeldFd::back(hold) else { return false };
        file.fd.set(fd);
        self.fds.insert(fd, file);
        true
    }

    /// Removes the fd with number `fd`; returns whether it was there.
    pub fn remove(&mut self, fd: i64) -> bool {
        self.fds.remove(&fd).is_some()
    }

    /// Removes all fds for which `keep` returns `false`.
    pub fn retain(&mut self, mut keep: impl FnMut(&Fd) -> bool) {
        self.fds.retain(|_, fd| keep(fd));
    }

    /// A copy for a child process, in which every fd is marked as cloned.
    pub(crate) fn for_child(&self) -> FdTable {
        let fds = self.fds.clone();
        fds.values().for_each(|fd| fd.set_flags(super::FdFlags::IS_CLONED));
        FdTable { fds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::FdType;

    #[test]
    fn the_limit_holds_but_numbers_can_be_used_again() {
        let mut table = FdTable::default();
        for n in 0..MAX_FDS as i64 {
            assert!(table.add(n, Fd::new(FdType::FileV2)).is_some());
        }
        assert!(table.add(-5, Fd::new(FdType::FileV2)).is_none());
        assert!(table.add(7, Fd::new(FdType::Fifo)).is_some_and(|fd| fd.is_pipe()));
        assert_eq!(table.len(), MAX_FDS);
        assert!(table.remove(7) && !table.remove(7));
        assert!(table.add(-5, Fd::new(FdType::FileV2)).is_some());
    }

    #[test]
    fn a_held_file_stays_with_its_holder() {
        let mut table = FdTable::default();
        table.add(3, Fd::new(FdType::Fifo));
        let (hold, other) = (table.hold(3).unwrap(), table.hold(3).unwrap());
        assert!(table.held(3, &hold).is_some() && hold.with(|_| ()).is_none());
        table.add(3, Fd::new(FdType::FileV2));
        assert!(table.held(3, &hold).is_none() && table.held_mut(3, &other).is_none());
        assert_eq!(hold.with(|fd| (fd.is_pipe(), fd.fd.get())), Some((true, 3)));
        let new = table.hold(3).unwrap();
        let copy = table.for_child();
        drop(table);
        assert_eq!(new.with(|fd| fd.is_file()), Some(true));
        assert!(copy.held(3, &new).is_none() && copy.get(3).is_some());
        let mut table = FdTable::default();
        assert!(table.add_held(9, &hold) && !table.add_held(9, &hold));
        assert!(table.held(9, &other).is_some_and(|fd| fd.fd.get() == 9));
        drop((hold, other));
        assert!(table.remove(9));
    }
}
