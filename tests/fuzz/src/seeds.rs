//! Writes the initial inputs of the fuzz targets: seeds DIRECTORY.

use fuzz::small_system;
use scap_sys::capture::{Compression, Snapshot, Writer};
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::{Event, NoSink};
use std::fs;
use std::io::Cursor;
use std::path::Path;

static CAPTURE: &[u8] = include_bytes!("../../captures/workload.scap.gz");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let to = std::env::args().nth(1).ok_or("usage: seeds DIRECTORY")?;
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let dir = Path::new(&to).join(target);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join(name), bytes)
    };

    // Small captures with every block type, each with a slice of the events of a recorded capture.
    let mut system = Snapshot::default();
    small_system(&mut system);
    let mut engine = SavefileEngine::from_reader(Cursor::new(CAPTURE), &mut NoSink)?;
    let mut slice = 0;
    loop {
        let mut writer = Writer::new(Vec::new(), if slice == 3 { Compression::Gzip } else { Compression::None })?;
        match slice {
            0 | 3 => writer.snapshot(&system)?,
            1 => writer.threads(&system.threads[..1])?,
            _ => {}
        }
        let mut status = Status::Filtered;
        for i in 0..12 {
            status = engine.next()?;
            if status != Status::Event {
                break;
            }
            let e = engine.event();
            if slice == 2 && i == 6 {
                writer.section()?;
            }
            writer.event(&Event::new(e.bytes(), e.cpu(), i % 2)?)?;
        }
        let capture = writer.finish()?;
        put("capture", &format!("workload-{slice}"), &capture)?;
        put("inspector", &format!("workload-{slice}"), &[&capture[..], &[slice as u8]].concat())?;
        slice += 1;
        if status != Status::Event || slice == 12 {
            break;
        }
    }

    // Every type of event with all of its parameters, and pairs of them.
    for first in 0..driver::EVENTS.len() as u16 {
        if first % 16 == 0 {
            let mut event = vec![0];
            let mut convert = Vec::new();
            for ty in first..(first + 16).min(driver::EVENTS.len() as u16) {
                let head = [&ty.to_ne_bytes()[..], &[1, 0]].concat();
                let params: Vec<u8> = (0..32).map(|i| 4 + i).collect();
                event.extend([&[1][..], &head, &params].concat());
                convert.extend([&head[..], &params].concat());
            }
            put("event", &format!("types-{first}"), &event)?;
            put("convert", &format!("types-{first}"), &convert)?;
        }
    }

    let unlink = driver::EventType::SYSCALL_UNLINK_2_X.0.to_ne_bytes();
    put("encode", "unlink", &[&[0; 16][..], &unlink, &[4, 0, 6], b"/tmp/x"].concat())?;

    let filters = include_str!("../../bench/rules.txt");
    for (i, filter) in filters.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).enumerate() {
        if i % 6 == 0 {
            put("filter", &format!("rule-{i}"), filter.as_bytes())?;
        }
    }
    let more = [
        "evt.type in (open, openat) and not fd.name startswith /etc or (proc.name = \"a b\" and evt.num > 3)",
        "fd.sip = 127.0.0.1 or fd.net = 10.0.0.0/8 or fd.rip in (::1, 1.2.3.4)",
        "toupper(proc.name) = SH and b64(evt.buffer) contains x and basename(proc.exepath) glob 's?h*'",
        "proc.name regex '^[a-z]{2,3}.*$' or proc.aname[2] exists or evt.arg[0] = val(evt.rawarg.fd)",
        "proc.args pmatch (/usr/bin, /etc) or evt.type.is.open = 1 or thread.cgroup.cpu iglob *",
        "*%evt.num %evt.time %proc.name{%fd.name} %evt.arg.fd %proc.aname[1] %toupper(proc.name) %evt.args",
        "len(fd.name) >= 3 and proc.env[PATH] bcontains 2f62 and evt.buffer bstartswith 00",
    ];
    for (i, text) in more.iter().enumerate() {
        put("filter", &format!("text-{i}"), text.as_bytes())?;
    }
    Ok(())
}
