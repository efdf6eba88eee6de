//! Starting the library's own threads, on which no signal handler of the program runs.

use std::io;
use std::mem::MaybeUninit;
use std::thread::{Builder, JoinHandle};

/// The signals of faults, which a thread raises itself. They stay as they are, for a program that reports its crashes.
const FAULTS: [libc::c_int; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS, libc::SIGABRT];

/// Starts a thread with a name of at most 15 bytes. All signals are blocked in it, those of faults excepted: a signal to the process is handled by
/// a thread of the program, as if the library had none.
///
/// # Errors
///
/// The system refuses another thread.
pub fn start<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    let thread = Builder::new().name(name.into());
    let mut before = MaybeUninit::uninit();
    // SAFETY: `sigfillset` makes a set of `blocked`, from which `sigdelset` takes valid signals; `pthread_sigmask` reads it and writes `before`. Both
    // are of the type that these functions take.
    let changed = unsafe {
        let mut blocked = MaybeUninit::uninit();
        libc::sigfillset(blocked.as_mut_ptr());
        for fault in FAULTS {
            libc::sigdelset(blocked.as_mut_ptr(), fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, blocked.as_ptr(), before.as_mut_ptr()) == 0
    };
    // The new thread inherits the mask.
    let started = thread.spawn(work);
    if changed {
        // SAFETY: the call that succeeded has written `before`.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    }
    started
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signals of these that are blocked in the calling thread.
    fn blocked(signals: &[libc::c_int]) -> Vec<libc::c_int> {
        let mut mask = MaybeUninit::uninit();
        // SAFETY: without a new set, `pthread_sigmask` only writes the present one, which `sigismember` reads.
        unsafe {
            assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), mask.as_mut_ptr()), 0);
            signals.iter().copied().filter(|&signal| libc::sigismember(mask.as_ptr(), signal) == 1).collect()
        }
    }

    #[test]
    fn a_thread_of_the_library_takes_no_signals_but_those_of_its_faults() {
        let asked = [
            libc::SIGINT,
            libc::SIGHUP,
            libc::SIGTERM,
            libc::SIGCHLD,
            libc::SIGALRM,
            libc::SIGUSR1,
            libc::SIGRTMIN() + 5,
        ];
        let before = blocked(&asked);
        let there = start("a thread", move || (blocked(&asked), blocked(&FAULTS))).unwrap().join().unwrap();
        assert_eq!(there, (asked.to_vec(), Vec::new()));
        assert_eq!(blocked(&asked), before, "the starting thread's mask is restored");
    }
}
