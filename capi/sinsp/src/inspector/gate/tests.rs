use super::*;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::thread::scope;

/// Values without messages.
macro_rules! silent {
    ($($ty:ty),*) => {$(
        impl Guest for $ty {
            fn has_messages(&self) -> bool {
                false
            }

            fn take_messages(&mut self) -> Messages {
                Messages::default()
            }

            fn before_changes(&self) {}
        }
    )*};
}

silent!((), i32, [u64; 2]);

/// A value that always has messages, and counts how often they are taken.
struct Recorder<'a>(&'a std::cell::Cell<u32>);

impl Guest for Recorder<'_> {
    fn has_messages(&self) -> bool {
        true
    }

    fn take_messages(&mut self) -> Messages {
        self.0.set(self.0.get() + 1);
        Messages::default()
    }

    fn before_changes(&self) {}
}

/// A value that counts the exclusive accesses.
#[derive(Default)]
struct Watched(std::cell::Cell<u32>);

impl Guest for Watched {
    fn has_messages(&self) -> bool {
        false
    }

    fn take_messages(&mut self) -> Messages {
        Messages::default()
    }

    fn before_changes(&self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_value_is_called_before_each_exclusive_access() {
    let mut gate = Gate::new(Watched::default());
    assert_eq!(gate.read().unwrap().0.get(), 0);
    assert_eq!(gate.write().unwrap().0.get(), 1);
    let call = gate.call(Call::Next).unwrap();
    assert_eq!(call.write().unwrap().0.get(), 2);
    assert_eq!(gate.write().unwrap().0.get(), 3);
    drop(call);
    scope(|s| s.spawn(|| drop(gate.write().unwrap())).join().unwrap());
    assert_eq!(gate.read().unwrap().0.get(), 4);
    assert_eq!(gate.get_mut().0.get(), 5);
}

#[test]
fn messages_are_delivered_when_nobody_is_inside_any_more() {
    let calls = std::cell::Cell::new(0);
    let gate = Gate::new(Recorder(&calls));
    drop(gate.write().unwrap());
    assert_eq!(calls.get(), 1);
    let call = gate.call(Call::Next).unwrap();
    drop(gate.write().unwrap());
    let read = gate.read().unwrap();
    assert_eq!(calls.get(), 1, "the call goes on");
    drop(call);
    assert_eq!(calls.get(), 1, "it is still read");
    drop(read);
    drop(gate.call(Call::Next).unwrap());
    assert_eq!(calls.get(), 2);
    assert!(gate.write().is_ok(), "the gate is free");
}

fn refused<T>(result: Result<T, Refused>) -> Option<Refused> {
    result.err()
}

#[test]
fn a_thread_inside_enters_again_while_another_one_waits_for_it() {
    let gate = Gate::new(7);
    let first = gate.read().unwrap();
    let mine = gate.owner.load(Ordering::Acquire);
    scope(|scope| {
        let other = scope.spawn(|| gate.write().map(|mut value| *value += 1));
        while gate.owner.load(Ordering::Acquire) == mine {
            std::thread::yield_now();
        }
        // Had this waited for the other one, that would have given up.
        let again = gate.read().unwrap();
        assert_eq!(refused(gate.write()), Some(Refused::InUse));
        drop(again);
        drop(first);
        assert_eq!(other.join().unwrap(), Ok(()));
    });
    assert_eq!(*gate.read().unwrap(), 8);
}

#[test]
fn one_thread_comes_in_again_to_read() {
    let gate = Gate::new(1);
    let (a, b) = (gate.read().unwrap(), gate.read().unwrap());
    assert_eq!(*a + *b, 2);
    assert_eq!(refused(gate.write()), Some(Refused::InUse));
    assert_eq!(refused(gate.call(Call::Next)), Some(Refused::Nested(Call::Next)));
    // The guards may be dropped in any order.
    drop(a);
    assert_eq!(refused(gate.write()), Some(Refused::InUse));
    drop(b);
    let mut w = gate.write().unwrap();
    *w += 1;
    assert_eq!(refused(gate.read()), Some(Refused::InUse));
    drop(w);
    assert_eq!(*gate.read().unwrap(), 2);
}

#[test]
fn within_a_call_the_value_can_be_used_but_no_call_be_made() {
    let gate = Gate::new(1);
    let call = gate.call(Call::Next).unwrap();
    *gate.write().unwrap() += 1;
    assert_eq!(*gate.read().unwrap(), 2);
    assert_eq!(refused(gate.call(Call::Close)), Some(Refused::Nested(Call::Close)));
    let message = Failure::from(Refused::Nested(Call::Close)).into_message();
    assert_eq!(message, "close() was called from within a callback of the inspector");
    drop(call);
    assert!(gate.call(Call::Close).is_ok());
}

#[test]
fn readers_have_a_limit() {
    let gate = Gate::new(());
    let readers: Vec<_> = (0..READERS).map(|_| gate.read().unwrap()).collect();
    assert_eq!(refused(gate.read()), Some(Refused::InUse));
    drop(readers);
    assert!(gate.write().is_ok());
}

#[test]
fn another_thread_is_refused_while_one_calls() {
    let gate = Gate::new(1);
    let call = gate.call(Call::Next).unwrap();
    scope(|s| {
        s.spawn(|| {
            assert_eq!(refused(gate.read()), Some(Refused::Calling(Call::Next)));
            assert_eq!(refused(gate.write()), Some(Refused::Calling(Call::Next)));
            assert_eq!(refused(gate.call(Call::Open)), Some(Refused::Calling(Call::Next)));
        });
    });
    // The refused thread changed nothing.
    assert_eq!(*gate.read().unwrap(), 1);
    drop(call);
    scope(|s| {
        s.spawn(|| *gate.write().unwrap() += 1);
    });
    assert_eq!(*gate.read().unwrap(), 2);
}

#[test]
fn another_thread_waits_for_one_that_reads() {
    let gate = Gate::new(1);
    let (inside, left) = (Barrier::new(2), AtomicBool::new(false));
    scope(|s| {
        s.spawn(|| {
            let read = gate.read().unwrap();
            inside.wait();
            std::thread::sleep(Duration::from_millis(20));
            left.store(true, Ordering::Relaxed);
            drop(read);
        });
        inside.wait();
        let _call = gate.call(Call::Next).unwrap();
        assert!(left.load(Ordering::Relaxed));
    });
}

#[test]
fn the_wait_for_a_reader_has_an_end() {
    let gate = Gate::new(1);
    let _read = gate.read().unwrap();
    scope(|s| {
        s.spawn(|| assert_eq!(refused(gate.call(Call::Next)), Some(Refused::Busy)));
    });
    assert!(gate.read().is_ok());
}

/// Threads read and change two numbers that are equal outside a change; only the gate protects them.
fn hammer(gate: &Gate<[u64; 2]>, rounds: u64) {
    let changed = std::sync::atomic::AtomicU64::new(0);
    scope(|s| {
        for n in 0..3 {
            let changed = &changed;
            s.spawn(move || {
                for round in 0..rounds {
                    if let Ok(outer) = gate.read() {
                        let inner = gate.read().unwrap();
                        assert_eq!(outer[0], inner[1]);
                    }
                    // Runs of calls by one thread, so that both takeovers and plain entries happen.
                    if round % 64 < 16 * (n + 1)
                        && let Ok(_call) = gate.call(Call::Next)
                    {
                        let mut pair = gate.write().unwrap();
                        pair[0] += 1;
                        pair[1] += 1;
                        changed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let pair = gate.read().unwrap();
    let changed = changed.into_inner();
    assert!(changed > 0);
    assert_eq!(*pair, [changed; 2], "a change was lost");
    drop(pair);
    assert!(gate.write().is_ok(), "the gate is free");
}

#[test]
fn many_threads_never_meet_inside() {
    hammer(&Gate::new([0; 2]), 20_000);
}

#[test]
fn nor_without_the_kernel_s_barrier() {
    hammer(&Gate::with_barrier([0; 2], true), 20_000);
}
