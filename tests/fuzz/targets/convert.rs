//! The converter of old events: its results are valid and need no further conversion.
#![no_main]

use fuzz::Bytes;
use libfuzzer_sys::fuzz_target;
use scap_sys::Event;
use scap_sys::capture::convert::{Converter, Outcome, Verdict};

fuzz_target!(|data: &[u8]| {
    let mut from = Bytes(data);
    let (mut whole, mut steps) = (Converter::new(), Converter::new());
    let (mut out, mut again, mut ts) = (Vec::new(), Vec::new(), 0);
    while !from.0.is_empty() {
        ts += 1;
        let bytes = fuzz::event(&mut from, ts);
        let event = Event::new(&bytes, 0, 0).expect("a frame that holds together");
        if event.nparams() as usize > event.info().expect("a known type").params.len() {
            // The capture reader truncates these before.
            continue;
        }
        if let Ok(Outcome::Converted) = whole.convert(&event, &mut out) {
            let converted = Event::new(&out, 0, 0).expect("an event that holds together");
            assert_eq!(Converter::new().convert(&converted, &mut again).ok(), Some(Outcome::Same));
            assert_eq!((converted.ts(), converted.tid()), (event.ts(), event.tid()));
        }
        let mut current = bytes.clone();
        for _ in 0..60 {
            let event = Event::new(&current, 0, 0).expect("an event that holds together");
            match steps.step(&event, &mut out) {
                Ok(Verdict::Convert) => std::mem::swap(&mut current, &mut out),
                _ => break,
            }
        }
    }
});
