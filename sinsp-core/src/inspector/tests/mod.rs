//! Tests of the inspector with a scripted engine.

mod steps;

use super::*;
use driver::EventType;
use scap_sys::SystemSink;
use scap_sys::encode::{self, Value};
use scap_sys::{MachineInfo, ThreadInfo};
use std::collections::VecDeque;

/// `SCAP_DF_STATE_ONLY`.
const STATE_ONLY: u32 = 1;

/// The results of the engine's `next()`, in order.
enum Call {
    Event(u64, i64, EventType, u32),
    /// The bytes of an event.
    Bytes(Vec<u8>),
    Answer(Status),
    Error,
}

struct Script {
    steps: VecDeque<Call>,
    current: (Vec<u8>, u32),
    sections: u32,
    calls_out: bool,
}

impl Engine for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn next(&mut self) -> scap_sys::Result<Status> {
        match self.steps.pop_front() {
            Some(Call::Event(ts, tid, ty, flags)) => {
                let params = vec![Value::Null; ty.info().unwrap().params.len()];
                self.current = (encode::event(ts, tid, ty, &params)?, flags);
                Ok(Status::Event)
            }
            Some(Call::Bytes(bytes)) => {
                self.current = (bytes, 0);
                Ok(Status::Event)
            }
            Some(Call::Answer(status)) => Ok(status),
            Some(Call::Error) => Err(scap_sys::Error::Invalid("it broke".into())),
            None => Ok(Status::Eof),
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.current.0
    }

    fn calls_out(&self) -> bool {
        self.calls_out
    }

    fn next_at_hand(&mut self) -> Option<&[u8]> {
        let Some(Call::Bytes(bytes)) = self.steps.front_mut() else { return None };
        self.current = (std::mem::take(bytes), 0);
        self.steps.pop_front();
        Some(&self.current.0)
    }

    fn origin(&self) -> (u16, u32) {
        (0, self.current.1)
    }

    fn restart(&mut self, sink: &mut dyn SystemSink) -> scap_sys::Result<()> {
        self.sections += 1;
        describe(sink, 100 * i64::from(self.sections));
        Ok(())
    }
}

/// Reports a process, after its child.
fn describe(sink: &mut dyn SystemSink, pid: i64) {
    sink.machine(&MachineInfo { num_cpus: 7, ..MachineInfo::default() });
    let process = |pid, ptid| ThreadInfo { tid: pid, pid, ptid, ..ThreadInfo::default() };
    sink.thread(process(pid + 1, pid));
    sink.thread(process(pid, 0));
}

fn open(steps: impl IntoIterator<Item = Call>) -> Inspector {
    let mut inspector = Inspector::new();
    let steps = steps.into_iter().collect();
    let open = |sink: &mut dyn SystemSink| {
        describe(sink, 10);
        Ok(Script { steps, current: Default::default(), sections: 0, calls_out: false })
    };
    inspector.open_capture(open).unwrap();
    inspector
}

const UNLINK: EventType = EventType::SYSCALL_UNLINK_2_X;

#[test]
fn nothing_is_open_at_first() {
    let mut inspector = Inspector::new();
    assert!(inspector.next().is_err() && inspector.start().is_err() && inspector.stats().is_err());
    assert!(inspector.current().is_none());
    assert!(inspector.open_savefile("/nowhere/at/all").is_err());
    assert_eq!(inspector.mode(), Mode::Closed);
}

#[test]
fn events_that_describe_the_system_are_read_at_open() {
    let user = || Call::Event(1, -1, EventType::USER_ADDED_E, 0);
    let mut i = open([user(), user(), Call::Event(2, 10, UNLINK, 0), user()]);
    assert_eq!((i.event_count(), i.first_event_ts()), (2, 0));
    assert_eq!(i.next().unwrap(), Next::Event);
    let c = i.current().unwrap();
    assert_eq!((c.num, c.event.ty(), c.thread.unwrap().tid.get()), (3, UNLINK, 10));
    assert_eq!((i.next().unwrap(), i.event_count(), i.first_event_ts()), (Next::Event, 4, 2));
    assert_eq!(i.next().unwrap(), Next::Eof);
    assert!(i.current().is_none());
}

#[test]
fn a_scan_ties_threads_in_any_order() {
    let i = open([]);
    let threads = &i.state().threads;
    assert_eq!(threads.parent(threads.get(11).unwrap()).unwrap().tid.get(), 10);
    assert_eq!(threads.get(10).unwrap().not_expired_children.get(), 1);
    assert_eq!(i.state().machine.num_cpus, 7);
}

#[test]
fn an_error_comes_after_what_was_read() {
    let mut i = open([Call::Error]);
    assert_eq!(i.state().threads.len(), 2);
    assert_eq!(i.next().unwrap_err().to_string(), "it broke");
    assert_eq!(i.next().unwrap(), Next::Eof);
}

#[test]
fn a_new_section_replaces_what_was_known() {
    let mut i = open([Call::Event(1, 10, UNLINK, 0), Call::Answer(Status::Restart), Call::Event(2, 101, UNLINK, 0)]);
    assert_eq!(i.next().unwrap(), Next::Event);
    assert_eq!(i.next().unwrap(), Next::Timeout);
    assert!(i.state().threads.get(10).is_none());
    assert_eq!(i.next().unwrap(), Next::Event);
    let c = i.current().unwrap();
    assert_eq!((c.num, c.thread.unwrap().ptid.get()), (2, 100));
    let mut i = open([Call::Answer(Status::Restart)]);
    assert!(i.state().threads.get(10).is_some());
    assert_eq!(i.next().unwrap(), Next::Timeout);
    assert!(i.state().threads.get(100).is_some(), "a section without events");
}

#[test]
fn what_the_engine_or_the_capture_keeps_back() {
    let steps = [Call::Event(1, 10, UNLINK, STATE_ONLY), Call::Answer(Status::Filtered), Call::Answer(Status::Timeout)];
    let mut i = open(steps);
    assert_eq!((i.next().unwrap(), i.current().is_some()), (Next::Filtered, true));
    assert_eq!((i.next().unwrap(), i.current().is_some()), (Next::Filtered, false));
    assert_eq!((i.next().unwrap(), i.event_count()), (Next::Timeout, 1));
}

#[test]
fn a_filter_numbers_what_it_keeps_back() {
    let mut i = open((0..4).map(|n| Call::Event(n, 10 + (n % 2) as i64, UNLINK, 0)));
    i.set_filter(Some(Box::new(|c| Ok(c.event.tid() == 11))));
    let all: Vec<Next> = (0..4).map(|_| i.next().unwrap()).collect();
    assert_eq!(all, [Next::Filtered, Next::Event, Next::Filtered, Next::Event]);
    assert_eq!(i.current().unwrap().num, 4);
    assert_eq!(i.state().threads.len(), 2);
    i.close();
    assert!(i.current().is_none() && i.next().is_err());
    assert_eq!(i.state().threads.len(), 0, "the threads go with the capture");
}

#[test]
fn the_running_system_without_events() {
    let mut i = Inspector::new();
    i.set_import_users(false);
    i.open_nodriver().unwrap();
    assert_eq!((i.mode(), i.next().unwrap()), (Mode::NoDriver, Next::Event));
    let tick = i.current().unwrap();
    assert_eq!((tick.event.ty(), tick.event.tid(), tick.num), (EventType::SCAPEVENT_E, -1, 1));
    assert!(tick.thread.is_none());
    let me = std::process::id().into();
    let t = i.state().threads.get(me).expect("the test's own process");
    assert!(!t.comm().is_empty() && t.is_main_thread() && i.state().threads.fd_count(t) > 0);
    assert_eq!(i.state().users.users().count(), 0);
}
