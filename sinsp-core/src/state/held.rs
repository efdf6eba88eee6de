//! Fds that have holders outside their table. When a table drops such an fd, the fd moves to its [`FdHold`].

use super::Fd;
use parking_lot::Mutex;
use std::cell::OnceCell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// What the holders of an fd share. It contains the fd once no table has it.
#[derive(Debug, Default)]
pub struct FdHold(Mutex<Option<Box<Fd>>>);

impl FdHold {
    /// A hold with an fd that is in no table yet.
    pub(crate) fn of(fd: Fd) -> Arc<FdHold> {
        Arc::new(FdHold(Mutex::new(Some(Box::new(fd)))))
    }

    /// Passes the fd to `read` if no table has it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&mut Fd) -> R) -> Option<R> {
        self.0.lock().as_deref_mut().map(read)
    }
}

#[derive(Debug)]
pub(crate) struct HeldFd {
    /// `None` only during drop.
    fd: Option<Box<Fd>>,
    hold: OnceCell<Arc<FdHold>>,
}

impl HeldFd {
    pub fn new(fd: Fd) -> HeldFd {
        HeldFd { fd: Some(Box::new(fd)), hold: OnceCell::new() }
    }

    /// Takes the fd out of `hold`, to put it into a table; `None` if a table has it.
    pub fn back(hold: &Arc<FdHold>) -> Option<HeldFd> {
        let fd = hold.0.lock().take()?;
        Some(HeldFd { fd: Some(fd), hold: OnceCell::from(hold.clone()) })
    }

    /// A new holder of this fd.
    pub fn hold(&self) -> Arc<FdHold> {
        self.hold.get_or_init(Arc::default).clone()
    }

    /// Whether `hold` belongs to this fd.
    pub fn is(&self, hold: &Arc<FdHold>) -> bool {
        self.hold.get().is_some_and(|known| Arc::ptr_eq(known, hold))
    }

    /// Whether the fd has a holder.
    pub fn is_held(&self) -> bool {
        self.hold.get().is_some_and(|hold| Arc::strong_count(hold) > 1)
    }
}

impl Drop for HeldFd {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.take().filter(|hold| Arc::strong_count(hold) > 1) {
            *hold.0.lock() = self.fd.take();
        }
    }
}

/// A copy is a different fd, without holders.
impl Clone for HeldFd {
    fn clone(&self) -> HeldFd {
        HeldFd { fd: self.fd.clone(), hold: OnceCell::new() }
    }
}

const THERE: &str = "a file is only taken out when it is dropped";

impl Deref for HeldFd {
    type Target = Fd;
    #[inline]
    fn deref(&self) -> &Fd {
        self.fd.as_deref().expect(THERE)
    }
}

impl DerefMut for HeldFd {
    #[inline]
    fn deref_mut(&mut self) -> &mut Fd {
        self.fd.as_deref_mut().expect(THERE)
    }
}
