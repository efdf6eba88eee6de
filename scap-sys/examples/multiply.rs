//! Writes a plain capture that repeats the events of another one, with later times in each round, up to a number of events:
//!
//! ```text
//! cargo run --release -p scap-sys --example multiply -- CAPTURE LARGE.scap EVENTS
//! ```

use scap_sys::capture::{Compression, Snapshot, Writer};
use scap_sys::engine::{CurrentEvent, Engine, Status, savefile::SavefileEngine};
use scap_sys::{Event, NoSink};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, wanted] = args.as_slice() else {
        return Err("usage: multiply CAPTURE LARGE.scap EVENTS".into());
    };
    let wanted: u64 = wanted.parse()?;
    let mut system = Snapshot::default();
    drop(SavefileEngine::open(from, &mut system)?);
    let mut writer = Writer::create(to, Compression::None)?;
    writer.snapshot(&system)?;
    let (mut written, mut shift) = (0, 0);
    let mut bytes = Vec::new();
    while written < wanted {
        let mut engine = SavefileEngine::open(from, &mut NoSink)?;
        let (mut first, mut last) = (None, 0);
        while engine.next()? == Status::Event {
            let event = engine.event();
            first.get_or_insert(event.ts());
            last = event.ts();
            bytes.clear();
            bytes.extend_from_slice(event.bytes());
            bytes[..8].copy_from_slice(&(event.ts() + shift).to_ne_bytes());
            writer.event(&Event::new(&bytes, event.cpu(), event.flags())?)?;
            written += 1;
        }
        let Some(first) = first else { return Err(format!("{from} holds no event").into()) };
        shift += last - first + 1;
    }
    writer.finish()?;
    println!("{written} events written");
    Ok(())
}
