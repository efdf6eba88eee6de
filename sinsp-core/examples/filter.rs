//! Prints the events of a capture file that match a filter:
//!
//! ```text
//! cargo run -p sinsp-core --example filter -- CAPTURE FILTER [FORMAT]
//! ```

use sinsp_core::filter::Factory;
use sinsp_core::format::{Formatter, Output};
use sinsp_core::inspector::{Inspector, Next};
use std::io::{self, Write};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (capture, filter, format) = match args.as_slice() {
        [capture, filter] => (capture, filter, "*%evt.num %evt.time %proc.name %evt.type %evt.args"),
        [capture, filter, format] => (capture, filter, format.as_str()),
        _ => {
            eprintln!("usage: filter CAPTURE FILTER [FORMAT]");
            std::process::exit(2);
        }
    };
    if let Err(error) = print_events(capture, filter, format) {
        eprintln!("filter: {error}");
        std::process::exit(1);
    }
}

fn print_events(capture: &str, filter: &str, format: &str) -> Result<(), Box<dyn std::error::Error>> {
    // The fields of the filter and of the format come from one factory: each is extracted once for an event.
    let factory = Factory::new();
    let filter = factory.compile_text(filter.as_bytes())?;
    let mut formatter = Formatter::new(&factory, format.as_bytes())?;
    let mut inspector = Inspector::new();
    inspector.set_filter(Some(Box::new(move |event| filter.run(event))));
    inspector.open_savefile(capture)?;
    let mut line = Vec::new();
    loop {
        match inspector.next()? {
            Next::Event => {}
            Next::Filtered | Next::Timeout => continue,
            Next::Eof => return Ok(()),
        }
        let Some(event) = inspector.current() else { continue };
        line.clear();
        if formatter.format(&event, Output::Text, &mut line)? {
            line.push(b'\n');
            io::stdout().write_all(&line)?;
        }
    }
}
