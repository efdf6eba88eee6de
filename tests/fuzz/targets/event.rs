//! Events with any content, in any order, through the parsers; all fields of each as text and as JSON. Also the decoder, on bytes that are not
//! events.
#![no_main]

use fuzz::{Bytes, Listed, Watcher, small_system};
use libfuzzer_sys::fuzz_target;
use scap_sys::Event;
use std::cell::RefCell;

thread_local! {
    static WATCHER: RefCell<Watcher> = RefCell::default();
    // Distinct timestamps, so that cached values of an earlier run are not used.
    static TIME: RefCell<u64> = const { RefCell::new(1) };
}

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = Event::new(data, 0, 0) {
        assert_eq!(event.params().count(), event.nparams() as usize);
        assert!(event.params().map(<[u8]>::len).sum::<usize>() < event.bytes().len());
    }
    let mut from = Bytes(data);
    let buffers = from.u8();
    let mut ts = TIME.take();
    let mut events = Vec::new();
    while !from.0.is_empty() && events.len() < 64 {
        ts += u64::from(from.u8());
        events.push(fuzz::event(&mut from, ts));
    }
    TIME.set(ts + 1);
    WATCHER.with_borrow_mut(|watcher| {
        let opened = watcher.inspector.open_capture(|sink| {
            small_system(sink);
            Ok(Listed::new(events))
        });
        if opened.is_ok() {
            watcher.watch(buffers);
        }
    });
});
