//! The capture reader with the conversion of old events: for any file, every event is valid and reading terminates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::{Event, NoSink};
use std::io::Cursor;

fuzz_target!(|data: &[u8]| {
    let Ok(mut engine) = SavefileEngine::from_reader(Cursor::new(data.to_vec()), &mut NoSink) else { return };
    loop {
        match engine.next() {
            Ok(Status::Event) => {
                let event = engine.event();
                Event::new(event.bytes(), event.cpu(), event.flags()).expect("an event that holds together");
                let info = event.info().expect("an event of a known type");
                assert!(event.nparams() as usize <= info.params.len());
                assert_eq!(event.params().count(), event.nparams() as usize);
            }
            Ok(Status::Restart) => {
                if engine.restart(&mut NoSink).is_err() {
                    return;
                }
            }
            Ok(Status::Eof) => return,
            Ok(_) => {}
            Err(e) => {
                assert!(e.to_string().contains("offset") || e.to_string().contains("not supported"), "{e}");
                return;
            }
        }
    }
});
