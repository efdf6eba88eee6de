//! Filters and formats of any text: they compile and run, or fail with a message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scap_sys::engine::savefile::SavefileEngine;
use sinsp_core::codes::{CodeKind, of_filter};
use sinsp_core::filter::{self, Factory, Parser};
use sinsp_core::format::{Formatter, Output};
use sinsp_core::inspector::{Inspector, Next};
use std::io::Cursor;

static CAPTURE: &[u8] = include_bytes!("../../captures/workload.scap.gz");

/// An inspector whose current event has a thread and an fd.
fn at_an_event() -> Inspector {
    let mut inspector = Inspector::new();
    inspector.open_capture(|sink| SavefileEngine::from_reader(Cursor::new(CAPTURE), sink)).expect("a capture");
    let mut good = 0;
    while good < 20 {
        assert_ne!(inspector.next().expect("an event"), Next::Eof);
        good += inspector.current().is_some_and(|e| e.thread.is_some() && e.fd.is_some()) as u32;
    }
    inspector
}

thread_local! {
    static INSPECTOR: Inspector = at_an_event();
}

fuzz_target!(|text: &[u8]| {
    INSPECTOR.with(|inspector| {
        let event = inspector.current().expect("the event");
        let factory = Factory::new();
        match filter::parse(text) {
            Ok(ast) => {
                let _ = of_filter(&ast, CodeKind::Event);
                let _ = of_filter(&ast, CodeKind::Sc);
                match factory.compile(&ast) {
                    Ok(filter) => {
                        let first = filter.run(&event).unwrap();
                        assert_eq!(filter.run(&event).unwrap(), first);
                    }
                    Err(e) => assert!(!e.to_string().is_empty()),
                }
            }
            Err(e) => assert!(!e.to_string().is_empty()),
        }
        let mut parser = Parser::new(text).partial(true);
        let _ = parser.parse();
        assert!(parser.position().offset as usize <= text.len());
        let _ = Parser::new(text).parse_field_or_transformer();
        match Formatter::new(&factory, text) {
            Ok(mut formatter) => {
                let mut out = Vec::new();
                formatter.format(&event, Output::Text, &mut out).unwrap();
                formatter.format(&event, Output::Json, &mut out).unwrap();
            }
            Err(e) => assert!(!e.to_string().is_empty()),
        }
    });
});
