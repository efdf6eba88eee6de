//! Reading a capture in a steady state: an event that makes and ends nothing is read, filtered and formatted without allocations, and
//! the file is read in large pieces.

#[path = "../../../scap-sys/tests/support/allocations.rs"]
mod allocations;

use allocations::Allocations;
use driver::EventFlags;
use sinsp_core::filter::Factory;
use sinsp_core::format::{Formatter, Output};
use sinsp_core::inspector::{Inspector, Next};

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/captures/workload.scap.gz");

/// How often this process has asked the kernel to read.
fn reads() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap();
    io.lines().find_map(|l| l.strip_prefix("syscr: ")).unwrap().parse().unwrap()
}

#[test]
fn a_capture_is_read_filtered_and_formatted_without_allocations() {
    let factory = Factory::new();
    let mut inspector = Inspector::new();
    let filters: Vec<_> = [
        "evt.type in (open, openat) and fd.name startswith /etc and not proc.name in (cat, ls)",
        "fd.name contains tmp or proc.cmdline contains sh or proc.aname = init",
        "evt.dir = < and evt.rawres < 0 and user.name = root",
    ]
    .iter()
    .map(|text| factory.compile_text(text.as_bytes()).unwrap())
    .collect();
    let format = b"*%evt.num %evt.time %evt.cpu %proc.name %proc.pname %thread.tid %evt.type %fd.name %evt.args";
    let mut formatter = Formatter::new(&factory, format).unwrap();
    let mut line = Vec::new();
    let (mut events, mut quiet, mut passed) = (0u64, 0u64, 0);
    let mut noisy = Vec::new();
    // The first time buffers grow to the size that they need.
    for steady in [false, true] {
        inspector.open_savefile(CAPTURE).unwrap();
        let reads_before = reads();
        (events, quiet) = (0, 0);
        loop {
            let allocations = Allocations::from_now();
            match inspector.next().unwrap() {
                Next::Eof => break,
                Next::Event => {}
                Next::Filtered | Next::Timeout => continue,
            }
            let Some(event) = inspector.current() else { continue };
            passed += filters.iter().filter(|f| f.run(&event).unwrap()).count();
            line.clear();
            formatter.format(&event, Output::Text, &mut line).unwrap();
            let allocations = allocations.count();
            events += 1;
            let changes = EventFlags::CREATES_FD.0 | EventFlags::DESTROYS_FD.0 | EventFlags::MODIFIES_STATE.0;
            let transfers =
                event.info.flags.has(EventFlags::READS_FROM_FD) || event.info.flags.has(EventFlags::WRITES_TO_FD);
            if event.info.flags.0 & changes == 0 || transfers {
                quiet += 1;
                if steady && allocations > 0 {
                    noisy.push((event.num, event.info.name, allocations));
                }
            }
        }
        let asked = reads() - reads_before;
        assert!(asked < 8, "{asked} reads for {events} events");
    }
    assert!(
        quiet > 100 && passed > 0,
        "the capture has {events} events, {quiet} of them change nothing; {passed} passed"
    );
    assert!(noisy.is_empty(), "event, type, allocations: {noisy:?}");
}
