//! The place of a thread's and of an fd's data: the core, or an object outside it.
//!
//! When C or C++ gets a thread or fd object, that object becomes the only copy of the data: the core reads and writes it
//! through the traits here. `capi` implements them.

pub use super::thread_scalars::ThreadScalars;

use super::epoch::Clock;
use super::tables::Value;
use super::{FdTable, GroupData, GroupId, SockInfo, TextList};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The texts of a thread. The numbers are part of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadText {
    /// The command name.
    Comm,
    /// `argv[0]`.
    Exe,
    /// The full path of its executable.
    ExePath,
    /// The root directory.
    Root,
    /// The working directory, with a `/` at its end; a main thread's is that of its process.
    Cwd,
}

impl ThreadText {
    /// All texts, in the order of their numbers.
    pub const ALL: [ThreadText; 5] =
        [ThreadText::Comm, ThreadText::Exe, ThreadText::ExePath, ThreadText::Root, ThreadText::Cwd];
}

/// The lists of texts of a thread. The numbers are part of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadList {
    /// The arguments after `argv[0]`.
    Args,
    /// The environment, `name=value`; a main thread's is that of its process.
    Env,
    /// The cgroups: `subsystem=path`.
    Cgroups,
}

/// An object outside of the core that holds values of the columns that were added to its table.
pub trait AddedValues: Send {
    /// Passes the value of the added column at position `index` to `read`, if it was ever written.
    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>));
    /// The number of added columns up to the last one with a value.
    fn added_len(&self) -> usize;
    /// Writes the value of the added column at position `index`.
    fn set_added(&self, index: usize, value: Value<'_>);
}

/// An object outside the core that holds the data of a thread.
///
/// A returned reference stays valid, and its value unchanged, until the core writes to the object or C or C++ code runs.
pub trait ThreadStore: AddedValues {
    /// Its scalars.
    fn scalars(&self) -> &ThreadScalars;
    /// The text `which`.
    fn text(&self, which: ThreadText) -> &[u8];
    /// Changes the text `which`.
    fn set_text(&mut self, which: ThreadText, text: &[u8]);
    /// The length of the list `which`.
    fn list_len(&self, which: ThreadList) -> usize;
    /// The text at position `i` of a list; for [`ThreadList::Cgroups`] the subsystem alone. Empty beyond the end.
    fn list_text(&self, which: ThreadList, i: usize) -> &[u8];
    /// The path of the cgroup at position `i`. Empty beyond the end.
    fn cgroup_path(&self, i: usize) -> &[u8];
    /// Replaces a list.
    fn set_list(&mut self, which: ThreadList, list: &TextList);
    /// Called when the thread leaves the table. If C++ still holds the object, the object takes a share of the fds and
    /// copies `relatives`.
    fn leave(&mut self, fds: &FdTable, relatives: &Relatives);
    /// The object's address, which identifies it in `capi`.
    fn address(&self) -> usize;
}

/// The group and children of a thread when it leaves the table.
#[derive(Debug, Clone, Copy)]
pub struct Relatives {
    /// Its group; `None` if it is in none.
    pub group: Option<(GroupId, GroupData)>,
    /// Whether it still has children.
    pub has_children: bool,
}

/// The scalars of an fd, in the order of the C struct. New members are only appended.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct FdScalars {
    /// The fd number; -1 if unknown.
    pub fd: Cell<i64>,
    /// The inode number.
    pub ino: Cell<u64>,
    /// For a pidfd, the process that it refers to.
    pub pid: Cell<i64>,
    /// The type.
    pub ty: super::FdKind,
    /// The open flags of a file: `PPM_O_*`.
    pub open_flags: Cell<u32>,
    /// [`super::FdFlags`] bits.
    pub flags: Cell<u32>,
    /// The device number of a file.
    pub dev: Cell<u32>,
    /// The mount id of a file.
    pub mount_id: Cell<u32>,
}

/// The texts of an fd. The numbers are part of the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum FdText {
    /// The full path of a file, the tuple of a socket.
    Name,
    /// The path as the process passed it to the system call.
    NameRaw,
    /// The name before the present one; empty if the name never changed.
    OldName,
}

impl FdText {
    /// All texts, in the order of their numbers.
    pub const ALL: [FdText; 3] = [FdText::Name, FdText::NameRaw, FdText::OldName];
}

/// An object outside the core that holds the data of an fd. References are valid as for [`ThreadStore`].
pub trait FdStore: AddedValues {
    /// Its scalars.
    fn scalars(&self) -> &FdScalars;
    /// The text `which`.
    fn text(&self, which: FdText) -> &[u8];
    /// Changes the text `which`.
    fn set_text(&mut self, which: FdText, text: &[u8]);
    /// The socket's addresses; [`SockInfo::None`] if its type has none.
    fn sock(&self) -> SockInfo;
    /// Changes the socket's addresses.
    fn set_sock(&mut self, sock: SockInfo);
    /// A second object with the same data for a copied fd; `None` if the core can hold the copy itself.
    fn duplicate(&self) -> Option<Box<dyn FdStore>>;
    /// The object's address, which identifies it in `capi`.
    fn address(&self) -> usize;
}

/// Counts the objects outside the core that hold data. While there are any, thread and fd data may change at any time. Clones are the same counter.
#[derive(Debug, Clone, Default)]
pub struct Exposures {
    count: Arc<AtomicUsize>,
    clock: Clock,
}

impl Exposures {
    /// The current count.
    #[inline]
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// The clock of the state.
    #[inline]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Counts one more object until the returned value is dropped.
    pub fn add(&self) -> Exposure {
        self.clock.advance();
        self.count.fetch_add(1, Ordering::Relaxed);
        Exposure(self.clone())
    }
}

/// One counted object; dropping it decrements the count.
#[derive(Debug)]
pub struct Exposure(Exposures);

impl Exposure {
    /// Counts one more object in the same counter.
    pub(crate) fn another(&self) -> Exposure {
        self.0.add()
    }
}

impl Drop for Exposure {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}
