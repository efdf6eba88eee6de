//! Tests of the parsers with made-up events, in and out of order.

mod files;
mod identity;
mod process;
mod random_events;
mod sockets;

use crate::context::EventContext;
use crate::inspector::{Inspector, Next};
use crate::state::{Fd, State, Thread};
use driver::EventType;
use scap_sys::encode::{self, Value};
use scap_sys::engine::{Engine, Status};
use scap_sys::{FdType, SystemSink, ThreadInfo};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

const SECOND: u64 = 1_000_000_000;

struct Queue {
    events: Rc<RefCell<VecDeque<Vec<u8>>>>,
    current: Vec<u8>,
}

impl Engine for Queue {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn next(&mut self) -> scap_sys::Result<Status> {
        match self.events.borrow_mut().pop_front() {
            Some(event) => {
                self.current = event;
                Ok(Status::Event)
            }
            None => Ok(Status::Timeout),
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.current
    }
}

/// A system of three processes: init (1), a shell (10) and its child (20).
struct World {
    inspector: Inspector,
    events: Rc<RefCell<VecDeque<Vec<u8>>>>,
    now: u64,
}

impl World {
    fn new() -> World {
        let events = Rc::<RefCell<VecDeque<Vec<u8>>>>::default();
        let mut inspector = Inspector::new();
        let queue = Queue { events: events.clone(), current: Vec::new() };
        inspector.open_engine(Box::new(queue)).unwrap();
        let mut world = World { inspector, events, now: 100 * SECOND };
        world.process(1, 0, "init");
        world.process(10, 1, "sh");
        world.process(20, 10, "work");
        world
    }

    /// Adds a process like the scan.
    fn process(&mut self, pid: i64, ptid: i64, comm: &str) {
        self.info(info(pid, pid, ptid, comm));
    }

    fn info(&mut self, info: ThreadInfo) {
        self.inspector.state_mut().thread(info);
    }

    /// Adds a file to the fds of a process.
    fn open(&mut self, pid: i64, number: i64, name: &str) {
        let mut fd = Fd::new(FdType::FileV2);
        fd.set_name(name.as_bytes());
        self.inspector.state_mut().threads.get_mut(pid).unwrap().own_fds.add(number, fd);
    }

    /// Delivers an event, a microsecond after the last one.
    fn event(&mut self, tid: i64, ty: EventType, params: &[Value<'_>]) -> Next {
        self.now += 1000;
        self.events.borrow_mut().push_back(encode::event(self.now, tid, ty, params).unwrap());
        self.inspector.next().unwrap()
    }

    fn current(&self) -> EventContext<'_> {
        self.inspector.current().unwrap()
    }

    fn state(&self) -> &State {
        self.inspector.state()
    }

    fn thread(&self, tid: i64) -> &Thread {
        self.state().threads.get(tid).unwrap_or_else(|| panic!("there is no thread {tid}"))
    }

    fn has(&self, tid: i64) -> bool {
        self.state().threads.get(tid).is_some()
    }

    fn fd(&self, tid: i64, number: i64) -> &Fd {
        let threads = &self.state().threads;
        threads.fd(self.thread(tid), number).unwrap_or_else(|| panic!("thread {tid} has no fd {number}"))
    }

    fn has_fd(&self, tid: i64, number: i64) -> bool {
        self.state().threads.fd(self.thread(tid), number).is_some()
    }

    fn fd_name(&self, tid: i64, number: i64) -> &str {
        text(self.fd(tid, number).name())
    }

    /// Delivers an event that changes nothing, which completes pending removals.
    fn pass(&mut self) {
        self.event(1, EventType::SYSCALL_SETSID_X, &[(-1i64).into()]);
    }
}

fn info(tid: i64, pid: i64, ptid: i64, comm: &str) -> ThreadInfo {
    ThreadInfo {
        tid,
        pid,
        ptid,
        sid: 1,
        vtid: tid,
        vpid: pid,
        comm: comm.into(),
        exe: comm.into(),
        exepath: format!("/bin/{comm}").into(),
        cwd: b"/home".to_vec(),
        uid: 5,
        gid: 6,
        ..ThreadInfo::default()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const NONE: Value<'static> = Value::Null;

fn num(n: i64) -> Value<'static> {
    n.into()
}
