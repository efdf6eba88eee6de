//! Events in any order with any values: nothing panics, and the tables stay consistent.

use super::*;
use crate::state::{SignOfEnd, cl};
use scap_sys::number::lower_bytes;

/// A pseudo-random number generator with a fixed sequence (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// A small number, which as a tid, fd or result is likely to occur again.
    fn small(&mut self) -> i64 {
        self.roll(14) as i64 - 2
    }
}

fn value<'a>(dice: &mut Dice, param: &driver::ParamInfo, buffer: &'a mut Vec<u8>) -> Value<'a> {
    if dice.roll(12) == 0 {
        return Value::Null;
    }
    buffer.clear();
    match encode::fixed_size(param.ty) {
        Some(size) => {
            let n = match dice.roll(8) {
                0 => dice.roll(u64::MAX),
                1 => u64::from([cl::CLONE_THREAD, cl::CLONE_VFORK, cl::CHILD_IN_PIDNS, 1 << 12][dice.roll(4) as usize]),
                _ => dice.small() as u64,
            };
            buffer.extend_from_slice(lower_bytes(&n.to_ne_bytes(), size));
        }
        None => {
            let texts: [&[u8]; 6] =
                [b"/a/../b\0", b"x\0", b"..\0", b"k=v\0w\0", b"\x01abcdefgh12345678/u\0", b"(NULL)\0"];
            buffer.extend_from_slice(texts[dice.roll(6) as usize]);
            if dice.roll(3) == 0 {
                buffer.clear();
                buffer.push([1, 2, 10][dice.roll(3) as usize]);
                let n = [6, 12, 18, 36, 20][dice.roll(5) as usize];
                (0..n).for_each(|_| buffer.push(dice.roll(3) as u8));
            }
        }
    }
    Value::Bytes(buffer)
}

fn check(w: &World, limit: usize) {
    let threads = &w.state().threads;
    assert!(threads.len() <= limit);
    assert_eq!(threads.iter().count(), threads.len());
    for t in threads.iter() {
        assert!(std::ptr::eq(t, threads.get(t.tid.get()).unwrap()));
        let members: Vec<_> = threads.process_threads(t).collect();
        let living = members.iter().filter(|m| !m.is_dead()).count() as u64;
        assert!(
            living <= threads.thread_count(t) || members.is_empty(),
            "{living} live of {}",
            threads.thread_count(t)
        );
        assert!(threads.ancestors(t).count() <= 2 * threads.len() + 2);
        assert!(threads.parent_threads(t).count() <= 2 * threads.len() + 2);
        assert!(threads.fd_count(t) <= crate::state::MAX_FDS);
    }
}

#[test]
fn any_events_in_any_order() {
    // Events that add or remove threads come more often.
    let often = [
        EventType::SYSCALL_CLONE_20_X,
        EventType::SYSCALL_CLONE3_X,
        EventType::SYSCALL_FORK_20_X,
        EventType::SYSCALL_EXECVE_19_X,
        EventType::PROCEXIT_1_E,
        EventType::SYSCALL_PRCTL_X,
    ];
    for seed in 1..=8u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut w = World::new();
        let limit = 3 + dice.roll(12) as usize;
        w.inspector.state_mut().threads.set_limit(limit);
        w.inspector.set_connection_tracking(seed % 2 == 0);
        let mut pins = Vec::new();
        for step in 0..6000 {
            let ty = match dice.roll(3) {
                0 => often[dice.roll(often.len() as u64) as usize],
                _ => EventType(dice.roll(driver::EVENT_COUNT as u64) as u16),
            };
            let params = ty.info().unwrap().params;
            let count = if dice.roll(10) == 0 { dice.roll(params.len() as u64 + 1) as usize } else { params.len() };
            let mut buffers: Vec<Vec<u8>> = vec![Vec::new(); count];
            let values: Vec<Value<'_>> =
                params.iter().zip(&mut buffers).map(|(p, buffer)| value(&mut dice, p, buffer)).collect();
            w.now += dice.roll(4) * SECOND;
            let tid = dice.small();
            w.event(tid, ty, &values);
            if let Some(id) = w.inspector.current_thread().filter(|_| dice.roll(20) == 0) {
                assert!(w.state().threads.pin(id));
                pins.push(id);
            }
            if dice.roll(25) == 0
                && let Some(id) = pins.pop()
            {
                assert!(w.state().threads.pinned(id).is_some());
                w.inspector.state_mut().threads.unpin(id);
            }
            if dice.roll(500) == 0 {
                w.inspector.state_mut().purge(SECOND, SignOfEnd::NoSuchName);
            }
            if step % 50 == 0 {
                check(&w, limit.max(3));
            }
        }
        check(&w, limit.max(3));
        w.inspector.state_mut().clear();
        assert!(w.state().threads.is_empty());
        for id in pins {
            assert!(w.state().threads.pinned(id).is_some());
            w.inspector.state_mut().threads.unpin(id);
        }
    }
}
