//! Who may use an inspector now: one operating-system thread at a time, which may come in again from the callbacks it runs.
//!
//! The threads, files and caches behind an inspector are shared without locks, so only one thread may be inside, also to read.
//! The thread that was inside last owns the gate: it comes in and leaves by plain loads and stores of a word that no other
//! thread writes. Another thread first has to take the gate over: it names itself the owner, makes every processor pass a memory
//! barrier (`membarrier(2)`), and only then looks whether the last owner is still inside. So either it sees that, or the last
//! owner sees that it owns the gate no longer; the barrier that this takes is paid by who takes over, not on every read.
//!
//! What the value has to say ([`Guest`]) is said when the thread that was inside has left: code of others may then come in.
//!
//! A thread within `next()`, `open()` or `close()` is not waited for, since callbacks run there: others are refused by name.

use crate::ffi::{Failure, sinsp_status};
use parking_lot::Mutex;
use sinsp_core::logger::Messages;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering, compiler_fence, fence};
use std::time::{Duration, Instant};

/// How long a thread waits for another one that reads.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it looks before it lets other threads run.
const SPINS: u32 = 200;

/// A call during which code of others runs, and which is not to be entered again by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Call {
    Next = 1,
    Open,
    Close,
    Set,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Call::Next => "next()",
            Call::Open => "open()",
            Call::Close => "close()",
            Call::Set => "a function that changes who is called",
        }
    }

    fn of(inside: u32) -> Option<Call> {
        match inside >> CALL_SHIFT {
            1 => Some(Call::Next),
            2 => Some(Call::Open),
            3 => Some(Call::Close),
            4 => Some(Call::Set),
            _ => None,
        }
    }
}

/// Why a thread does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another thread is within this call.
    Calling(Call),
    /// Another thread reads, and does not come to an end.
    Busy,
    /// This thread makes the call from a callback of the inspector.
    Nested(Call),
    /// This thread would change or read what it is changing or reading itself, further out.
    InUse,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let message = match refused {
            Refused::Calling(call) => format!("the inspector is in use by another thread, which is in {}", call.name()),
            Refused::Busy => "the inspector is in use by another thread".into(),
            Refused::Nested(call) => format!("{} was called from within a callback of the inspector", call.name()),
            Refused::InUse => "the inspector is in use: it called the function that calls it".into(),
        };
        Failure::new(sinsp_status::SINSP_FAILURE, message)
    }
}

/// How many readers there are, and above that what else is going on.
const READERS: u32 = 0xffff;
const WRITER: u32 = 1 << 16;
const CALL_SHIFT: u32 = 24;

/// One thread of the program at this gate. `inside` is written by that thread alone.
struct Slot {
    tag: usize,
    inside: AtomicU32,
}

/// What can be behind a gate.
pub(crate) trait Guest {
    /// Whether there are messages to be delivered.
    fn has_messages(&self) -> bool;
    /// Those messages.
    fn take_messages(&mut self) -> Messages;
}

/// A value that one operating-system thread uses at a time.
pub(crate) struct Gate<T> {
    value: UnsafeCell<T>,
    /// The slot of the thread that was let in last; one of `slots`.
    owner: AtomicPtr<Slot>,
    /// Whether the kernel cannot make the other processors pass a barrier, so that every entry has to.
    fenced: bool,
    /// The threads that were ever let in. Locked to change the owner; the slots live as long as the gate.
    slots: Mutex<Vec<NonNull<Slot>>>,
}

// SAFETY: a gate hands its value out to one thread at a time, see `enter`; so the value must be fit to be used by one thread after the
// other, which is what `T: Send` says. The slots are atomics.
unsafe impl<T: Send> Sync for Gate<T> {}
// SAFETY: as above; the slots belong to the gate.
unsafe impl<T: Send> Send for Gate<T> {}

impl<T> Gate<T> {
    /// A gate that the calling thread owns.
    pub fn new(value: T) -> Gate<T> {
        Gate::with_barrier(value, !barrier::register())
    }

    fn with_barrier(value: T, fenced: bool) -> Gate<T> {
        let slot = Slot::new(tag());
        Gate {
            value: UnsafeCell::new(value),
            owner: AtomicPtr::new(slot.as_ptr()),
            fenced,
            slots: Mutex::new(vec![slot]),
        }
    }

    /// The value, to whoever has the gate alone.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Keeps of what the slot's thread has inside only what `keep` says; with the last of it the value's messages are delivered.
    ///
    /// # Safety
    /// The slot is the calling thread's, which is inside, and which borrows nothing of the value any more.
    #[inline]
    unsafe fn leave(&self, slot: &Slot, keep: u32)
    where
        T: Guest,
    {
        let rest = slot.inside.load(Ordering::Relaxed) & keep;
        // SAFETY: the caller is the only one inside, and borrows nothing.
        let waiting = (rest == 0).then(|| unsafe { &mut *self.value.get() }).filter(|value| value.has_messages());
        match waiting {
            Some(value) => deliver(value, slot),
            None => slot.inside.store(rest, Ordering::Release),
        }
    }

    /// The value, to read it. The thread may be reading it already, further out.
    #[inline]
    pub fn read(&self) -> Result<Read<'_, T>, Refused> {
        let slot = self.enter(|inside| inside & (WRITER | READERS) < READERS, 1, Refused::InUse)?;
        Ok(Read { gate: self, slot, one_thread: PhantomData })
    }

    /// The value, to change it: not while the same thread reads or changes it further out.
    #[inline]
    pub fn write(&self) -> Result<Write<'_, T>, Refused>
    where
        T: Guest,
    {
        let slot = self.enter(|inside| inside & (WRITER | READERS) == 0, WRITER, Refused::InUse)?;
        Ok(Write { gate: self, slot, one_thread: PhantomData })
    }

    /// Starts a call that must not be nested. Other threads are refused until the returned guard is dropped; the value is not borrowed.
    #[inline]
    pub fn call(&self, call: Call) -> Result<Calling<'_, T>, Refused>
    where
        T: Guest,
    {
        let slot = self.enter(|inside| inside == 0, (call as u32) << CALL_SHIFT, Refused::Nested(call))?;
        Ok(Calling { gate: self, slot, one_thread: PhantomData })
    }

    /// Adds to the word of the calling thread, if `may` allows it for what that is, once no other thread is inside.
    #[inline]
    fn enter(&self, may: impl Fn(u32) -> bool, add: u32, refused: Refused) -> Result<&Slot, Refused> {
        let owner = self.owner.load(Ordering::Acquire);
        // SAFETY: a slot lives as long as the gate, and is shared as an atomic and a number that never changes.
        let slot = unsafe { &*owner };
        if slot.tag == tag() {
            let was = slot.inside.load(Ordering::Relaxed);
            if !may(was) {
                return Err(refused);
            }
            slot.inside.store(was + add, Ordering::Relaxed);
            // The store before the load: for the compiler here, for the processor by the barrier of who takes over.
            compiler_fence(Ordering::SeqCst);
            if self.fenced {
                fence(Ordering::SeqCst);
            }
            // Who was inside already has been waited for. The owner is changed by others only, and back only by this thread (or by one
            // that was refused, and touched nothing).
            if was != 0 || self.owner.load(Ordering::Relaxed) == owner {
                return Ok(slot);
            }
            slot.inside.store(was, Ordering::Release);
        }
        self.take_over(may, add, refused)
    }

    /// Makes the calling thread the owner, once the last one is not inside any more.
    #[cold]
    fn take_over(&self, may: impl Fn(u32) -> bool, add: u32, refused: Refused) -> Result<&Slot, Refused> {
        let mut slots = self.slots.lock();
        let owner = self.owner.load(Ordering::Acquire);
        // SAFETY: as in `enter`.
        let last = unsafe { &*owner };
        let me = tag();
        if last.tag == me {
            // A thread that tried to take over meanwhile was refused. No other thread takes over while this one has the lock.
            let was = last.inside.load(Ordering::Relaxed);
            if !may(was) {
                return Err(refused);
            }
            last.inside.store(was + add, Ordering::Relaxed);
            return Ok(last);
        }
        if let Some(call) = Call::of(last.inside.load(Ordering::Relaxed)) {
            return Err(Refused::Calling(call));
        }
        // SAFETY: as in `enter`.
        let known = slots.iter().copied().find(|slot| unsafe { slot.as_ref() }.tag == me);
        let mine = known.unwrap_or_else(|| {
            slots.push(Slot::new(me));
            slots[slots.len() - 1]
        });
        self.owner.store(mine.as_ptr(), Ordering::SeqCst);
        let passed = if self.fenced {
            fence(Ordering::SeqCst);
            true
        } else {
            barrier::pass_everywhere()
        };
        let waited = if passed { wait_for(last) } else { Err(Refused::Busy) };
        if let Err(refused) = waited {
            self.owner.store(owner, Ordering::SeqCst);
            return Err(refused);
        }
        // SAFETY: as in `enter`.
        let mine = unsafe { &*mine.as_ptr() };
        mine.inside.store(add, Ordering::Relaxed);
        Ok(mine)
    }
}

/// Leaves, and delivers what the value has to say.
#[cold]
fn deliver(value: &mut impl Guest, slot: &Slot) {
    let messages = value.take_messages();
    slot.inside.store(0, Ordering::Release);
    messages.deliver();
}

/// Waits until a thread that is not the owner any more has left.
fn wait_for(last: &Slot) -> Result<(), Refused> {
    let mut spins = 0;
    let mut since = None;
    loop {
        let inside = last.inside.load(Ordering::Acquire);
        if inside == 0 {
            return Ok(());
        }
        if let Some(call) = Call::of(inside) {
            return Err(Refused::Calling(call));
        }
        if spins < SPINS {
            spins += 1;
            std::hint::spin_loop();
            continue;
        }
        if since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return Err(Refused::Busy);
        }
        std::thread::yield_now();
    }
}

impl<T> Drop for Gate<T> {
    fn drop(&mut self) {
        for slot in self.slots.get_mut().drain(..) {
            // SAFETY: made by `Slot::new`, in the list once, and no thread uses a gate that is being dropped.
            drop(unsafe { Box::from_raw(slot.as_ptr()) });
        }
    }
}

impl Slot {
    fn new(tag: usize) -> NonNull<Slot> {
        NonNull::from(Box::leak(Box::new(Slot { tag, inside: AtomicU32::new(0) })))
    }
}

/// The calling thread, as a number that no other living thread has; never 0.
#[inline]
fn tag() -> usize {
    // SAFETY: has no conditions.
    unsafe { libc::pthread_self() as usize }
}

/// A barrier that all processors pass which run a thread of this program.
mod barrier {
    const REGISTER: libc::c_int = 1 << 4;
    const PASS: libc::c_int = 1 << 3;

    fn call(command: libc::c_int) -> bool {
        // SAFETY: the call takes three numbers and changes no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Whether the kernel has it (since Linux 4.14), and will do it for this program.
    pub fn register() -> bool {
        call(REGISTER) && call(PASS)
    }

    /// Whether all have passed it. The child of a fork may have to register anew.
    pub fn pass_everywhere() -> bool {
        call(PASS) || register()
    }
}

/// The value, which does not change while this lives.
pub(crate) struct Read<'a, T> {
    gate: &'a Gate<T>,
    slot: &'a Slot,
    /// Left by the thread that entered.
    one_thread: PhantomData<*const ()>,
}

impl<T> Deref for Read<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this thread is inside, so no other is, and it entered as a reader, so that it is no writer meanwhile.
        unsafe { &*self.gate.value.get() }
    }
}

impl<T> Drop for Read<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.slot.inside.store(self.slot.inside.load(Ordering::Relaxed) - 1, Ordering::Release);
    }
}

/// Exclusive access to the value. No other thread can read or write the value until this is dropped.
pub(crate) struct Write<'a, T: Guest> {
    gate: &'a Gate<T>,
    slot: &'a Slot,
    /// Left by the thread that entered.
    one_thread: PhantomData<*const ()>,
}

impl<T: Guest> Deref for Write<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this thread is inside, so no other is, and it entered as the only writer.
        unsafe { &*self.gate.value.get() }
    }
}

impl<T: Guest> DerefMut for Write<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and this is borrowed exclusively.
        unsafe { &mut *self.gate.value.get() }
    }
}

impl<T: Guest> Drop for Write<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: entered by this thread, and the borrow ends here.
        unsafe { self.gate.leave(self.slot, !WRITER) };
    }
}

/// A call that goes on.
pub(crate) struct Calling<'a, T: Guest> {
    gate: &'a Gate<T>,
    slot: &'a Slot,
    /// Left by the thread that entered.
    one_thread: PhantomData<*const ()>,
}

impl<'a, T: Guest> Calling<'a, T> {
    /// As [`Gate::write`]; that this thread is inside needs no proof.
    #[inline]
    pub fn write(&self) -> Result<Write<'a, T>, Refused> {
        let inside = self.slot.inside.load(Ordering::Relaxed);
        if inside & (WRITER | READERS) != 0 {
            return Err(Refused::InUse);
        }
        self.slot.inside.store(inside | WRITER, Ordering::Relaxed);
        Ok(Write { gate: self.gate, slot: self.slot, one_thread: PhantomData })
    }
}

impl<T: Guest> Drop for Calling<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: entered by this thread; what it borrows beside the call is counted in what is kept.
        unsafe { self.gate.leave(self.slot, (1 << CALL_SHIFT) - 1) };
    }
}

#[cfg(test)]
mod tests;
