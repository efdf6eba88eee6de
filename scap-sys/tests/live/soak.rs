//! Every event has the form of its type, under a load that preempts, faults and migrates. The example `soak` does this for as long as is wanted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use driver::EventType;
use scap_sys::Event;
use scap_sys::engine::bpf::BpfOptions;
use scap_sys::engine::{CurrentEvent, Status};

use crate::common::open;
use crate::load::{Load, fault};

#[test]
fn under_load_no_event_is_malformed_or_before_an_earlier_one_of_its_cpu() {
    let Some(mut live) = open(&BpfOptions::default()) else { return };
    live.start().unwrap();
    let load = Load::start();
    let until = Instant::now() + Duration::from_secs(2);
    let mut events = 0;
    let mut last = BTreeMap::new();
    while Instant::now() < until {
        if live.next().unwrap() == Status::Event {
            events += 1;
            let event = live.event();
            assert_eq!(fault(&event), None, "event {events}");
            // A page fault within another event's program has an event of its own.
            let before = last.insert(live.origin().0, event.ts()).unwrap_or(0);
            assert!(before <= event.ts(), "event {events}, {:?}, is {} ns late", event.ty(), before - event.ts());
        }
    }
    drop(load);
    assert!(events > 1000, "{events} events");
}

/// An exit event of `open`, whose bytes are changed.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Option<String> {
    use scap_sys::encode::Value::{Number, Text};
    let values = [Number(3), Text(b"/a"), Number(1), Number(0), Number(0), Number(0)];
    let mut bytes = scap_sys::encode::event(1, 2, EventType::SYSCALL_OPEN_X, &values).unwrap();
    change(&mut bytes);
    fault(&Event::new(&bytes, 0, 0).unwrap())
}

#[test]
fn the_check_finds_faults() {
    const NAME: usize = 26 + 6 * 2 + 8;
    assert_eq!(changed(|_| {}), None);
    let says =
        |fault: Option<String>, what: &str| assert!(fault.as_ref().is_some_and(|f| f.contains(what)), "{fault:?}");
    says(changed(|bytes| bytes[20..22].fill(0xff)), "no event has the type");
    says(changed(|bytes| bytes[22] = 5), "5 parameters instead of 6");
    says(changed(|bytes| bytes[NAME + 2] = b'b'), "SYSCALL_OPEN_X.name is no text");
    says(changed(|bytes| bytes[NAME] = 0), "SYSCALL_OPEN_X.name is no text");
    says(changed(|bytes| (bytes[26], bytes[28]) = (9, 2)), "SYSCALL_OPEN_X.fd has 9 bytes");
    says(changed(|bytes| bytes[28] = 2), "its parameters end at");
}
