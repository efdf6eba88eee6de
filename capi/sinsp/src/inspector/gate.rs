//! The gate: one operating-system thread at a time uses an inspector; its callbacks may enter again.
//!
//! The inspector's state uses `Cell`s and `Rc`s without locks, so only one thread may be inside, also to read.
//! The thread that was inside last owns the gate: it enters and leaves with plain loads and stores of a word that no other
//! thread writes. Another thread must take the gate over: it stores itself as owner, makes every processor run a memory
//! barrier (`membarrier(2)`), and then checks whether the last owner is inside. Either it sees that, or the last owner
//! sees that it is no longer the owner. So only a takeover costs a barrier, not every read.
//!
//! The value's log messages ([`Guest`]) are delivered after the thread has left, because outputs may use the inspector.
//!
//! A thread does not wait for another one in `next()`, `open()` or `close()`, which run callbacks: it gets an error that names the call.

use crate::ffi::{Failure, sinsp_status};
use parking_lot::Mutex;
use sinsp_core::logger::Messages;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering, compiler_fence, fence};
use std::time::{Duration, Instant};

/// How long a thread waits for another one that reads or writes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it checks before it yields to other threads.
const SPINS: u32 = 200;
/// How long a thread waits for the lock of the slots before it looks whether the one that has the lock waits for it.
const LOOK: Duration = Duration::from_millis(1);

/// A call that runs callbacks, or replaces them, and that callbacks must not make.
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

/// Why a thread may not enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another thread is within this call.
    Calling(Call),
    /// Another thread reads or writes for longer than [`PATIENCE`].
    Busy,
    /// This thread makes the call from a callback of the inspector.
    Nested(Call),
    /// A caller on this thread has access that excludes this one.
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

/// A slot's word: the number of readers in the lower 16 bits, then the writer's bit, and the [`Call`] from bit 24 on.
const READERS: u32 = 0xffff;
const WRITER: u32 = 1 << 16;
const CALL_SHIFT: u32 = 24;

/// One thread of the program at this gate. Only that thread writes `inside`.
struct Slot {
    tag: usize,
    inside: AtomicU32,
}

/// A value that can be behind a gate.
pub(crate) trait Guest {
    /// Whether there are messages to be delivered.
    fn has_messages(&self) -> bool;
    /// Takes those messages.
    fn take_messages(&mut self) -> Messages;
    /// Called before each exclusive access.
    fn before_changes(&self);
}

/// A value that one operating-system thread uses at a time.
pub(crate) struct Gate<T> {
    value: UnsafeCell<T>,
    /// The slot of the thread that entered last; one of `slots`.
    owner: AtomicPtr<Slot>,
    /// Whether `membarrier(2)` does not work, so that every entry needs a fence.
    fenced: bool,
    /// The slot of the thread inside for which the one that has the lock of `slots` waits, and is the owner already; else null.
    awaited: AtomicPtr<Slot>,
    /// One slot for each thread that ever entered. Locked to change the owner. The slots live as long as the gate.
    slots: Mutex<Vec<NonNull<Slot>>>,
}

// SAFETY: `enter` gives access to the value to one thread at a time, so threads use it one after the other, which `T: Send` allows. The
// slots are atomics and constants.
unsafe impl<T: Send> Sync for Gate<T> {}
// SAFETY: the value is `Send`, and the gate owns its slots.
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
            awaited: AtomicPtr::new(null_mut()),
            fenced,
            slots: Mutex::new(vec![slot]),
        }
    }

    /// The value, for the exclusive owner of the gate.
    pub fn get_mut(&mut self) -> &mut T
    where
        T: Guest,
    {
        self.value.get_mut().before_changes();
        self.value.get_mut()
    }

    /// Clears the bits of the slot's word outside `keep`. If none is left, delivers the value's messages.
    ///
    /// # Safety
    /// The slot must be the calling thread's, and the thread inside. If no bit of `keep` is set, it must not borrow the value any more.
    #[inline]
    unsafe fn leave(&self, slot: &Slot, keep: u32)
    where
        T: Guest,
    {
        let rest = slot.inside.load(Ordering::Relaxed) & keep;
        // SAFETY: by `# Safety`, the calling thread is inside, so no other is; no bit is left, so it borrows nothing.
        let waiting = (rest == 0).then(|| unsafe { &mut *self.value.get() }).filter(|value| value.has_messages());
        match waiting {
            Some(value) => deliver(value, slot),
            None => slot.inside.store(rest, Ordering::Release),
        }
    }

    /// Shared access. The same thread may have shared access already.
    #[inline]
    pub fn read(&self) -> Result<Read<'_, T>, Refused> {
        let slot = self.enter(|inside| inside & (WRITER | READERS) < READERS, 1, Refused::InUse)?;
        Ok(Read { gate: self, slot, one_thread: PhantomData })
    }

    /// Exclusive access; refused while the same thread has access.
    #[inline]
    pub fn write(&self) -> Result<Write<'_, T>, Refused>
    where
        T: Guest,
    {
        let slot = self.enter(|inside| inside & (WRITER | READERS) == 0, WRITER, Refused::InUse)?;
        // SAFETY: the calling thread has just entered as the only writer.
        Ok(unsafe { Write::new(self, slot) })
    }

    /// Starts a call that must not be nested. Other threads are refused until the guard is dropped. The guard does not borrow the value.
    #[inline]
    pub fn call(&self, call: Call) -> Result<Calling<'_, T>, Refused>
    where
        T: Guest,
    {
        let slot = self.enter(|inside| inside == 0, (call as u32) << CALL_SHIFT, Refused::Nested(call))?;
        Ok(Calling { gate: self, slot, one_thread: PhantomData })
    }

    /// Adds `add` to the calling thread's word if `may(word)` holds, once no other thread is inside.
    #[inline]
    fn enter(&self, may: impl Fn(u32) -> bool, add: u32, refused: Refused) -> Result<&Slot, Refused> {
        let owner = self.owner.load(Ordering::Acquire);
        // SAFETY: slots live as long as the gate and have only an atomic and a constant.
        let slot = unsafe { &*owner };
        if slot.tag == tag() {
            let was = slot.inside.load(Ordering::Relaxed);
            if !may(was) {
                return Err(refused);
            }
            slot.inside.store(was + add, Ordering::Relaxed);
            // The store above must come before the load below: here for the compiler, by the barrier of a takeover for the processor.
            compiler_fence(Ordering::SeqCst);
            if self.fenced {
                fence(Ordering::SeqCst);
            }
            // A thread that was inside already keeps the others waiting. Only another thread changes the owner; it is this thread again
            // only through itself, or if the other one was refused, which touched nothing.
            if was != 0 || self.owner.load(Ordering::Relaxed) == owner {
                return Ok(slot);
            }
            slot.inside.store(was, Ordering::Release);
        }
        self.take_over(may, add, refused)
    }

    /// Makes the calling thread the owner once the last owner has left.
    #[cold]
    fn take_over(&self, may: impl Fn(u32) -> bool, add: u32, refused: Refused) -> Result<&Slot, Refused> {
        let me = tag();
        let mut slots = loop {
            if let Some(slots) = self.slots.try_lock_for(LOOK) {
                break slots;
            }
            // SAFETY: null, or a slot; slots live as long as the gate and have only an atomic and a constant.
            let awaited = unsafe { self.awaited.load(Ordering::Acquire).as_ref() };
            if let Some(slot) = awaited.filter(|slot| slot.tag == me) {
                let was = slot.inside.load(Ordering::Relaxed);
                if was != 0 {
                    // This thread is inside, and the one that has the lock waits until it has left: it may enter again.
                    return if may(was) {
                        slot.inside.store(was + add, Ordering::Relaxed);
                        Ok(slot)
                    } else {
                        Err(refused)
                    };
                }
            }
        };
        let owner = self.owner.load(Ordering::Acquire);
        // SAFETY: slots live as long as the gate and have only an atomic and a constant.
        let last = unsafe { &*owner };
        if last.tag == me {
            // Another thread tried to take over and was refused. None takes over while this one has the lock.
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
        // SAFETY: slots live as long as the gate and have only an atomic and a constant.
        let known = slots.iter().copied().find(|slot| unsafe { slot.as_ref() }.tag == me);
        let mine = known.unwrap_or_else(|| {
            slots.push(Slot::new(me));
            slots[slots.len() - 1]
        });
        self.awaited.store(owner, Ordering::Release);
        self.owner.store(mine.as_ptr(), Ordering::SeqCst);
        let passed = if self.fenced {
            fence(Ordering::SeqCst);
            true
        } else {
            barrier::pass_everywhere()
        };
        let waited = if passed { wait_for(last) } else { Err(Refused::Busy) };
        self.awaited.store(null_mut(), Ordering::Release);
        if let Err(refused) = waited {
            self.owner.store(owner, Ordering::SeqCst);
            return Err(refused);
        }
        // SAFETY: slots live as long as the gate and have only an atomic and a constant.
        let mine = unsafe { &*mine.as_ptr() };
        mine.inside.store(add, Ordering::Relaxed);
        Ok(mine)
    }
}

/// Leaves, then delivers the value's messages.
#[cold]
fn deliver(value: &mut impl Guest, slot: &Slot) {
    let messages = value.take_messages();
    slot.inside.store(0, Ordering::Release);
    messages.deliver();
}

/// Waits until the last owner has left; refused if it is in a [`Call`] or stays longer than [`PATIENCE`].
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
            // SAFETY: `Slot::new` leaked the box, the list has it once, and `&mut self` excludes other threads.
            drop(unsafe { Box::from_raw(slot.as_ptr()) });
        }
    }
}

impl Slot {
    fn new(tag: usize) -> NonNull<Slot> {
        NonNull::from(Box::leak(Box::new(Slot { tag, inside: AtomicU32::new(0) })))
    }
}

/// A number of the calling thread that no other living thread has; never 0.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn tag() -> usize {
    let pointer;
    // SAFETY: by the ABI of x86_64 for thread-local storage, the word at `fs:0` is the address of the thread's control block, which is that word's own.
    unsafe { std::arch::asm!("mov {}, fs:0", out(reg) pointer, options(pure, readonly, nostack, preserves_flags)) };
    pointer
}

/// A number of the calling thread that no other living thread has; never 0.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn tag() -> usize {
    // SAFETY: `pthread_self` has no preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// A memory barrier on all processors that run a thread of this program.
mod barrier {
    const REGISTER: libc::c_int = 1 << 4;
    const PASS: libc::c_int = 1 << 3;

    fn call(command: libc::c_int) -> bool {
        // SAFETY: `membarrier` takes three numbers and writes no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Registers this program; false if the kernel lacks the barrier (before Linux 4.14) or forbids it.
    pub fn register() -> bool {
        call(REGISTER) && call(PASS)
    }

    /// Runs the barrier; false if it failed. A forked child may have to register again.
    pub fn pass_everywhere() -> bool {
        call(PASS) || register()
    }
}

/// Shared access to the value, which does not change until this is dropped.
pub(crate) struct Read<'a, T> {
    gate: &'a Gate<T>,
    slot: &'a Slot,
    /// Not `Send`: the thread that entered must leave.
    one_thread: PhantomData<*const ()>,
}

impl<T> Deref for Read<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this thread is inside, so no other is; `enter` refuses a writer while the thread reads.
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
    /// Not `Send`: the thread that entered must leave.
    one_thread: PhantomData<*const ()>,
}

impl<'a, T: Guest> Write<'a, T> {
    /// The only way to exclusive access but [`Gate::get_mut`].
    ///
    /// # Safety
    /// The slot must be the calling thread's and have the bit of a writer, set by the caller.
    #[inline]
    unsafe fn new(gate: &'a Gate<T>, slot: &'a Slot) -> Write<'a, T> {
        let write = Write { gate, slot, one_thread: PhantomData };
        write.before_changes();
        write
    }
}

impl<T: Guest> Deref for Write<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this thread is inside, so no other is; `enter` refuses readers and writers while it writes.
        unsafe { &*self.gate.value.get() }
    }
}

impl<T: Guest> DerefMut for Write<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this thread is the only one inside and the only writer, and `&mut self` excludes other borrows.
        unsafe { &mut *self.gate.value.get() }
    }
}

impl<T: Guest> Drop for Write<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a `Write` stays on the thread that entered, and its borrow of the value ends here.
        unsafe { self.gate.leave(self.slot, !WRITER) };
    }
}

/// A running call.
pub(crate) struct Calling<'a, T: Guest> {
    gate: &'a Gate<T>,
    slot: &'a Slot,
    /// Not `Send`: the thread that entered must leave.
    one_thread: PhantomData<*const ()>,
}

impl<'a, T: Guest> Calling<'a, T> {
    /// As [`Gate::write`], without the check of the owner: this thread is inside.
    #[inline]
    pub fn write(&self) -> Result<Write<'a, T>, Refused> {
        let inside = self.slot.inside.load(Ordering::Relaxed);
        if inside & (WRITER | READERS) != 0 {
            return Err(Refused::InUse);
        }
        self.slot.inside.store(inside | WRITER, Ordering::Relaxed);
        // SAFETY: the calling thread is inside, did not write or read, and has just become the writer.
        Ok(unsafe { Write::new(self.gate, self.slot) })
    }
}

impl<T: Guest> Drop for Calling<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a `Calling` stays on the thread that entered; the kept bits count its borrows of the value.
        unsafe { self.gate.leave(self.slot, (1 << CALL_SHIFT) - 1) };
    }
}

#[cfg(test)]
mod tests;
