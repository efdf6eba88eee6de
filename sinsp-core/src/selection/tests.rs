//! Tests of what is left out, on the filters and on the captures of the repository.

use super::*;
use crate::codes::{sc_by_name, scs_of_events};
use crate::filter::Factory;
use crate::inspector::{Inspector, Next};
use crate::state::State;
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{CurrentEvent, Engine, Status};
use scap_sys::{Event, number};
use std::collections::BTreeMap;

const CAPTURES: [&str; 2] = ["workload.scap.gz", "s390x.scap.gz"];

fn wanted(filters: &[&str]) -> (Factory, Vec<Filter>) {
    let factory = Factory::new();
    let compiled = filters.iter().map(|text| factory.compile_text(text.as_bytes()).unwrap_or_else(|e| panic!("{e}")));
    let compiled = compiled.collect();
    (factory, compiled)
}

fn selection(filters: &[&str]) -> Selection {
    Selection::new(&Wanted::new(&wanted(filters).1), &CodeSet::NONE, false)
}

fn row(selection: &Selection, name: &str) -> (Why, Why) {
    let sc = sc_by_name(name.as_bytes()).unwrap_or_else(|| panic!("no call {name}"));
    let row = selection.rows()[sc.0 as usize];
    (row.succeeded, row.failed)
}

use Why::{Filter as By, LeftOut, Plugin, State as ForState};

#[test]
fn what_no_filter_wants_is_left_out_unless_it_changes_the_state() {
    let selection = selection(&["evt.type = openat and evt.rawres >= 0", "evt.type in (unlink, getppid, switch)"]);
    for (name, want) in [
        ("openat", (ForState, LeftOut)),
        ("open", (ForState, LeftOut)),
        ("unlink", (By(1), By(1))),
        ("unlinkat", (LeftOut, LeftOut)),
        ("getppid", (By(1), By(1))),
        ("uname", (LeftOut, LeftOut)),
        ("getuid", (LeftOut, LeftOut)),
        ("read", (LeftOut, LeftOut)),
        ("mmap", (LeftOut, LeftOut)),
        ("connect", (ForState, LeftOut)),
        ("clone", (ForState, LeftOut)),
        ("execve", (ForState, LeftOut)),
        ("shutdown", (LeftOut, LeftOut)),
        ("sched_process_exit", (ForState, ForState)),
        ("sched_switch", (By(1), By(1))),
        ("page_fault_user", (LeftOut, LeftOut)),
        ("signal_deliver", (LeftOut, LeftOut)),
    ] {
        assert_eq!(row(&selection, name), want, "{name}");
    }
    let kept = selection.kept();
    let of = |name: &str| kept[sc_by_name(name.as_bytes()).unwrap().0 as usize];
    assert_eq!(of("openat"), Kept { succeeded: true, failed: false });
    assert_eq!((of("read"), of("unlink")), (Kept::NONE, Kept::ALL));
}

#[test]
fn results_that_are_wanted_are_kept() {
    let selection = selection(&["evt.type = read and evt.failed = true", "evt.type = getuid and evt.failed = true"]);
    assert_eq!(row(&selection, "read"), (LeftOut, By(0)));
    assert_eq!(row(&selection, "getuid"), (By(1), By(1)), "its result is a number of four bytes");
}

#[test]
fn what_fields_show_is_kept_for_them() {
    assert_eq!(row(&selection(&["proc.vmrss > 1000"]), "mmap"), (ForState, ForState));
    assert_eq!(row(&selection(&["evt.type = close and proc.vmrss > 1000"]), "brk"), (ForState, ForState));
    assert_eq!(row(&selection(&["evt.type = close and fd.connected = true"]), "read"), (ForState, LeftOut));
    assert_eq!(row(&selection(&["evt.type = close"]), "read"), (LeftOut, LeftOut));
    let of = |tracked| Selection::new(&Wanted::new(&wanted(&["evt.type = close"]).1), &CodeSet::NONE, tracked);
    for (name, plain, tracked) in [
        ("connect", (ForState, LeftOut), (ForState, ForState)),
        ("write", (LeftOut, LeftOut), (ForState, ForState)),
        ("getsockopt", (LeftOut, LeftOut), (ForState, LeftOut)),
    ] {
        assert_eq!((row(&of(false), name), row(&of(true), name)), (plain, tracked), "{name}");
    }
}

#[test]
fn what_plugins_parse_is_kept() {
    let parsed = [EventType::SYSCALL_UNLINK_2_X.0, EventType::GENERIC_X.0].into_iter().collect();
    let selection = Selection::new(&Wanted::new(&wanted(&["evt.type = close"]).1), &parsed, false);
    assert_eq!(row(&selection, "unlink"), (Plugin, Plugin));
    assert_eq!(row(&selection, "getppid"), (Plugin, Plugin));
    assert_eq!(row(&selection, "read"), (LeftOut, LeftOut));
}

#[test]
fn filters_that_count_events_or_want_all_are_found() {
    let of = |filters: &[&str]| {
        let (_factory, filters) = wanted(filters);
        let wanted = Wanted::new(&filters);
        (wanted.counts_events(), wanted.unrestricted().collect::<Vec<_>>())
    };
    assert_eq!(of(&["evt.type = open", "proc.name = x"]), (None, vec![1]));
    assert_eq!(of(&["evt.type = open", "evt.type = open and evt.num > 3"]).0, Some((1, "evt.num")));
    assert_eq!(of(&["evt.type = open and not evt.deltatime < 3"]).0, Some((0, "evt.deltatime")));
    assert_eq!(of(&["evt.type = switch and thread.totexectime > 3"]).0, Some((0, "thread.totexectime")));
    assert_eq!(of(&["evt.reltime.s > 3"]).0, Some((0, "evt.reltime.s")));
    // What rule sets write for "never" and "always".
    assert_eq!(of(&["evt.num = 0", "evt.num >= 0", "evt.type = open and not (evt.num=0)"]), (None, vec![1]));
    assert_eq!(of(&["evt.num = 0 or evt.num = 9"]).0, Some((0, "evt.num")));
}

/// A capture without the events that a selection leaves out.
struct Thinned {
    capture: SavefileEngine,
    kept: Option<Vec<Kept>>,
    left_out: u64,
}

impl Thinned {
    fn keeps(&self, event: Event<'_>) -> bool {
        let (Some(kept), Some(info)) = (&self.kept, event.info()) else { return true };
        // The enter events of captures are for the parsers of the exit events.
        let is_exit = info.category.from_source(Category::SYSCALL) && event.ty().is_exit();
        if !is_exit && !info.category.from_source(Category::TRACEPOINT) {
            return true;
        }
        let by_call = event.ty() == EventType::GENERIC_X;
        let makers: CodeSet = match by_call.then(|| event.param(0).and_then(number::unsigned)).flatten() {
            // The capture is of an older probe, whose generic event reported more calls.
            Some(sc) if Sc(sc as u16).info().is_none_or(|info| !info.events.contains(&EventType::GENERIC_X)) => {
                return true;
            }
            Some(sc) => std::iter::once(sc as u16).collect(),
            None => scs_of_events(&std::iter::once(event.ty().0).collect()),
        };
        let result = event.param(0).filter(|_| !by_call && is_exit).and_then(|p| p.try_into().ok());
        let result = result.map(i64::from_ne_bytes);
        makers.is_empty()
            || makers.iter().any(|sc| match (kept.get(sc as usize), result) {
                (Some(kept), Some(-115)) => kept.succeeded || kept.failed,
                (Some(kept), Some(result)) if result < 0 => kept.failed,
                (Some(kept), _) => kept.succeeded,
                (None, _) => true,
            })
    }
}

impl Engine for Thinned {
    fn name(&self) -> &'static str {
        "thinned"
    }

    fn next(&mut self) -> scap_sys::Result<Status> {
        loop {
            let status = self.capture.next()?;
            if status != Status::Event || self.keeps(self.capture.event()) {
                return Ok(status);
            }
            self.left_out += 1;
        }
    }

    fn bytes(&self) -> &[u8] {
        self.capture.bytes()
    }

    fn origin(&self) -> (u16, u32) {
        self.capture.origin()
    }
}

/// The events for which each filter holds, and the state at the end, of a capture.
#[derive(Default)]
struct Run {
    matches: Vec<(usize, u64, i64, &'static str)>,
    events: u64,
    state: BTreeMap<i64, String>,
}

fn run(capture: &str, filters: &[Filter], kept: Option<Vec<Kept>>) -> Run {
    let path = format!("{}/../tests/captures/{capture}", env!("CARGO_MANIFEST_DIR"));
    let mut inspector = Inspector::new();
    let open = |sink: &mut dyn scap_sys::SystemSink| {
        Ok(Thinned { capture: SavefileEngine::open(&path, sink)?, kept, left_out: 0 })
    };
    inspector.open_capture(open).unwrap();
    let mut run = Run::default();
    loop {
        match inspector.next().unwrap() {
            Next::Eof => break,
            Next::Event => {}
            Next::Filtered | Next::Timeout => continue,
        }
        run.events += 1;
        let event = inspector.current().unwrap();
        for (i, filter) in filters.iter().enumerate() {
            if filter.run(&event).unwrap() {
                run.matches.push((i, event.event.ts(), event.event.tid(), event.info.enum_name));
            }
        }
    }
    run.state = described(inspector.state());
    run
}

/// What the state has of each thread. What it was told about by an event alone, and its times of events, are left out.
fn described(state: &State) -> BTreeMap<i64, String> {
    let lines = state.threads.iter().filter(|t| !t.is_invalid()).map(|t| {
        let mut line = format!(
            "pid {} ptid {} sid {} uid {} gid {} caps {:x} limit {} cwd {:?} root {:?} exepath {:?} args {:?}",
            t.pid.get(),
            t.ptid.get(),
            t.sid.get(),
            t.uid.get(),
            t.gid.get(),
            t.cap_effective.get(),
            t.fdlimit.get(),
            bstr::BStr::new(state.threads.cwd(t)),
            bstr::BStr::new(t.root()),
            bstr::BStr::new(t.exepath()),
            t.args().to_list().iter().collect::<Vec<_>>(),
        );
        let fds = state.threads.fds(t).into_iter().flat_map(|fds| fds.iter());
        let mut fds: Vec<_> = fds
            .map(|fd| {
                let name = bstr::BStr::new(fd.name());
                format!("{} {} {:?} {:?} {:x}", fd.fd.get(), fd.type_name(), name, fd.sock(), fd.open_flags.get())
            })
            .collect();
        fds.sort();
        line.push_str(&fds.join("; "));
        (t.tid.get(), line)
    });
    lines.collect()
}

#[test]
fn without_the_events_that_are_left_out_filters_and_state_are_the_same() {
    let sets: &[&[&str]] = &[
        &["evt.type = openat and fd.name startswith /etc"],
        &["evt.type = openat and evt.failed = true", "evt.type = close and fd.name contains lib"],
        &["evt.type in (open, openat, openat2) and fd.typechar = f and fd.num >= 0 and proc.name != x"],
        &["evt.type = connect and fd.sip = 127.0.0.1", "evt.type in (sendto, recvfrom) and fd.l4proto = udp"],
        &["evt.type = execve and proc.pname exists", "evt.type = procexit and proc.exepath startswith /"],
        &["evt.type = read and fd.name exists and evt.rawres > 100", "evt.type in (getppid, uname, getpid)"],
        &["not evt.type in (read, write, close, mmap) and not evt.failed = false and proc.cwd startswith /"],
        &[
            "evt.dir = < and evt.type in (dup2, dup3, fcntl, pipe2) and fd.num > 0",
            "evt.type = mmap and proc.vmrss > 0",
        ],
        &["evt.res != SUCCESS and evt.type startswith open", "evt.is_io_write = true and fd.connected = true"],
        &["evt.arg.res < 0 and evt.type != close", "evt.rawres in (-2, -13)"],
        &["proc.name = bash", "evt.type = chdir and proc.cwd = /"],
    ];
    let mut left_out = [0, 0];
    for (at, capture) in CAPTURES.iter().enumerate() {
        for set in sets {
            let (_factory, filters) = wanted(set);
            let selection = Selection::new(&Wanted::new(&filters), &CodeSet::NONE, false);
            let all = run(capture, &filters, None);
            let thinned = run(capture, &filters, Some(selection.kept()));
            assert_eq!(thinned.matches, all.matches, "{capture}: {set:?}");
            assert_eq!(thinned.state, all.state, "{capture}: {set:?}");
            left_out[at] += all.events - thinned.events;
        }
    }
    assert!(left_out.iter().all(|n| *n > 0), "{left_out:?}");
}
