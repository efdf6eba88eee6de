//! Where the data of a thread and of an fd lie: in the core itself, or in an object of the program that uses the library.
//!
//! An object that is exposed to a program holds the data from then on: the core reads and writes them there, so that there is one truth.
//! What such an object is, and how its members are reached, is the border's business; here it is a trait object.

pub use super::thread_scalars::ThreadScalars;

use super::tables::Value;
use super::{FdTable, GroupData, GroupId, SockInfo, TextList};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The texts of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadText {
    /// Its name.
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
    /// All of them, in the order of their numbers.
    pub const ALL: [ThreadText; 5] =
        [ThreadText::Comm, ThreadText::Exe, ThreadText::ExePath, ThreadText::Root, ThreadText::Cwd];
}

/// The lists of texts of a thread.
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
    /// Hands its value of the column at position `index` among those that were added to its table to `read`, if it was ever written.
    fn added(&self, index: usize, read: &mut dyn FnMut(Value<'_>));
    /// Up to which position it has values of columns that were added.
    fn added_len(&self) -> usize;
    /// Writes its value of an added column.
    fn set_added(&mut self, index: usize, value: Value<'_>);
}

/// An object outside of the core that holds the data of a thread.
///
/// What it answers stays as it is until the core writes it, or code of the program runs.
pub trait ThreadStore: AddedValues {
    /// Its scalars.
    fn scalars(&self) -> &ThreadScalars;
    /// One of its texts.
    fn text(&self, which: ThreadText) -> &[u8];
    /// Changes one of its texts.
    fn set_text(&mut self, which: ThreadText, text: &[u8]);
    /// How many texts a list has.
    fn list_len(&self, which: ThreadList) -> usize;
    /// The text at position `i` of a list; of [`ThreadList::Cgroups`] the subsystem, see [`ThreadStore::cgroup_path`]. Empty beyond its end.
    fn list_text(&self, which: ThreadList, i: usize) -> &[u8];
    /// The path of the cgroup at position `i`. Empty beyond the end.
    fn cgroup_path(&self, i: usize) -> &[u8];
    /// Replaces a list.
    fn set_list(&mut self, which: ThreadList, list: &TextList);
    /// The thread leaves the table. If the program still holds the object it takes a share of the files, and keeps what is known of the process.
    fn leave(&mut self, fds: &FdTable, relatives: &Relatives);
    /// The object as the border knows it, for whom to recognize it by.
    fn address(&self) -> usize;
}

/// What a thread belongs to when it leaves the table.
#[derive(Debug, Clone, Copy)]
pub struct Relatives {
    /// The handle of its group, and what is known of it; `None` if it is in none.
    pub group: Option<(GroupId, GroupData)>,
    /// Whether it is still the parent of others.
    pub has_children: bool,
}

/// The scalars of an fd, in the order that C and C++ see: append only.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct FdScalars {
    /// Its number.
    pub fd: Cell<i64>,
    /// Its inode.
    pub ino: Cell<u64>,
    /// For a pidfd, the process it stands for.
    pub pid: Cell<i64>,
    /// Its kind.
    pub ty: super::FdKind,
    /// How a file was opened: `PPM_O_*`.
    pub open_flags: Cell<u32>,
    /// [`super::FdFlags`] bits.
    pub flags: Cell<u32>,
    /// The device it lies on.
    pub dev: Cell<u32>,
    /// The mount it lies in.
    pub mount_id: Cell<u32>,
}

/// The texts of an fd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum FdText {
    /// What people know it by: the full path of a file, the tuple of a socket.
    Name,
    /// The path as the program gave it.
    NameRaw,
    /// Its name before it got the present one; empty if it never had another.
    OldName,
}

impl FdText {
    /// All of them, in the order of their numbers.
    pub const ALL: [FdText; 3] = [FdText::Name, FdText::NameRaw, FdText::OldName];
}

/// An object outside of the core that holds the data of an fd; as [`ThreadStore`].
pub trait FdStore: AddedValues {
    /// Its scalars.
    fn scalars(&self) -> &FdScalars;
    /// One of its texts.
    fn text(&self, which: FdText) -> &[u8];
    /// Changes one of its texts.
    fn set_text(&mut self, which: FdText, text: &[u8]);
    /// The addresses of a socket, as far as its kind says that it has any.
    fn sock(&self) -> SockInfo;
    /// Changes them.
    fn set_sock(&mut self, sock: SockInfo);
    /// A copy for another fd, if an object of its own has to hold that, too, because it knows more than the core does.
    fn duplicate(&self) -> Option<Box<dyn FdStore>>;
    /// The object as the border knows it, for whom to recognize it by.
    fn address(&self) -> usize;
}

/// Counts the objects outside of the core that hold data. While there is any, a program may write what the core knows at any time.
#[derive(Debug, Clone, Default)]
pub struct Exposures(Arc<AtomicUsize>);

impl Exposures {
    /// How many there are.
    #[inline]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more until what is answered is dropped.
    pub fn add(&self) -> Exposure {
        self.0.fetch_add(1, Ordering::Relaxed);
        Exposure(self.0.clone())
    }
}

/// One object that is counted.
#[derive(Debug)]
pub struct Exposure(Arc<AtomicUsize>);

impl Exposure {
    /// Counts one more of the same kind.
    pub(crate) fn another(&self) -> Exposure {
        Exposures(self.0.clone()).add()
    }
}

impl Drop for Exposure {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
