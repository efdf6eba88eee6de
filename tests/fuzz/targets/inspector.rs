//! An inspector on a damaged capture, with all fields of each event.
#![no_main]

use fuzz::Watcher;
use libfuzzer_sys::fuzz_target;
use scap_sys::engine::savefile::SavefileEngine;
use std::cell::RefCell;
use std::io::Cursor;

thread_local! {
    static WATCHER: RefCell<Watcher> = RefCell::default();
}

fuzz_target!(|data: &[u8]| {
    let Some((&buffers, capture)) = data.split_last() else { return };
    let capture = Cursor::new(capture.to_vec());
    WATCHER.with_borrow_mut(|watcher| {
        match watcher.inspector.open_capture(|sink| SavefileEngine::from_reader(capture, sink)) {
            Ok(()) => watcher.watch(buffers),
            Err(e) => assert!(!e.to_string().is_empty()),
        }
    });
});
