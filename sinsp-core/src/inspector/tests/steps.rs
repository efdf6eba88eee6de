//! The order of the steps of an event, and what hooks can do in each.

use super::*;
use crate::Error;
use crate::codes::CodeSet;
use crate::parsers::Notice;

/// Implements all hooks and logs each call with the state that it sees.
#[derive(Default)]
struct Witness {
    log: Vec<String>,
    /// The call that fails.
    fails_at: Option<&'static str>,
}

impl Witness {
    fn note(&mut self, inspector: &mut Inspector, what: String) -> Result<()> {
        let fails = self.fails_at.is_some_and(|at| what.starts_with(at));
        // Every hook may read and change the state.
        let threads = inspector.state().threads.len();
        inspector.state_mut().threads.get_mut(10).into_iter().for_each(|t| t.uid.set(threads as u32));
        self.log.push(what);
        if fails { Err(Error::Invalid("the witness has had enough".into())) } else { Ok(()) }
    }

    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

impl Hooks for Witness {
    fn wants(&self) -> Wants {
        Wants { observer: true, parser: true, processor: true, filter: false }
    }

    fn observe(&mut self, inspector: &mut Inspector, notice: Notice) -> Result<()> {
        let threads = &inspector.state().threads;
        let what = match notice {
            Notice::EraseFd { tid, fd, removes } => {
                let there = threads.get(tid).is_some_and(|t| threads.fd(t, fd).is_some());
                format!("erase {tid}/{fd} removes={removes} there={there}")
            }
            Notice::FileOpen { .. } => {
                let path = String::from_utf8_lossy(inspector.notice_path()).into_owned();
                let num = inspector.current().unwrap().notes.fd_num;
                format!("open {path} as {num}")
            }
            Notice::Read { data } => format!("read {}", inspector.notice_data(data).len()),
            Notice::Clone { child, collision } => {
                format!("clone {child} {collision} there={}", threads.get(child).is_some())
            }
            other => format!("{other:?}"),
        };
        self.note(inspector, what)
    }

    fn parse(&mut self, inspector: &mut Inspector) -> Result<()> {
        let num = inspector.current().unwrap().num;
        self.note(inspector, format!("parse {num}"))
    }

    fn process(&mut self, inspector: &mut Inspector, outcome: Outcome) -> Result<()> {
        let num = inspector.current().map(|c| c.num);
        assert_eq!(num.is_some(), outcome == Outcome::Event);
        self.note(inspector, format!("process {outcome:?}"))
    }
}

fn bytes(ts: u64, tid: i64, ty: EventType, params: &[Value<'_>]) -> Vec<u8> {
    encode::event(ts, tid, ty, params).unwrap()
}

fn open_file(ts: u64, tid: i64, result: i64, path: &str) -> Call {
    let params: [Value<'_>; 8] =
        [result.into(), (-100i64).into(), path.into(), 1u32.into(), 0u32.into(), 5u32.into(), 6u64.into(), Value::Null];
    let len = EventType::SYSCALL_OPENAT_2_X.info().unwrap().params.len();
    Call::Bytes(bytes(ts, tid, EventType::SYSCALL_OPENAT_2_X, &params[..len]))
}

fn close(ts: u64, tid: i64, result: i64, fd: i64) -> Call {
    Call::Bytes(bytes(ts, tid, EventType::SYSCALL_CLOSE_X, &[result.into(), fd.into()]))
}

fn read(ts: u64, tid: i64, fd: i64, data: &[u8]) -> Call {
    let params = [(data.len() as i64).into(), Value::Bytes(data), fd.into(), 100u32.into()];
    let len = EventType::SYSCALL_READ_X.info().unwrap().params.len();
    Call::Bytes(bytes(ts, tid, EventType::SYSCALL_READ_X, &params[..len]))
}

fn exit(ts: u64, tid: i64) -> Call {
    let ty = EventType::PROCEXIT_1_E;
    let params = vec![Value::Null; ty.info().unwrap().params.len()];
    Call::Bytes(bytes(ts, tid, ty, &params))
}

fn dup2(ts: u64, tid: i64, old: i64, new: i64) -> Call {
    Call::Bytes(bytes(ts, tid, EventType::SYSCALL_DUP2_X, &[new.into(), old.into(), new.into()]))
}

/// The next event and the calls on the way to it.
fn go(i: &mut Inspector, w: &mut Witness) -> (Next, Vec<String>) {
    let next = i.next_with(w).unwrap();
    (next, w.take())
}

#[test]
fn an_observer_is_called_while_it_may_read_the_state() {
    let steps = [
        open_file(1, 10, 3, "/etc/passwd"),
        open_file(2, 10, -2, "/etc/nothing"),
        read(3, 10, 3, b"root"),
        open_file(4, 10, 4, "/etc/group"),
        dup2(5, 10, 3, 4),
        close(6, 10, -9, 3),
        close(7, 10, 0, 3),
        exit(8, 10),
        Call::Event(9, 11, UNLINK, 0),
        Call::Answer(Status::Filtered),
    ];
    let (mut i, mut w) = (open(steps), Witness::default());
    let ended = ["parse", "process Event"];
    let mut num = 0;
    let mut expect = |notices: &[&str], posted: &[&str]| {
        num += 1;
        let (next, log) = go(&mut i, &mut w);
        assert_eq!(next, Next::Event);
        let parse = format!("{} {num}", ended[0]);
        let expected: Vec<&str> =
            notices.iter().copied().chain([parse.as_str()]).chain(posted.iter().copied()).chain([ended[1]]).collect();
        assert_eq!(log, expected);
    };
    expect(&["open /etc/passwd as 3"], &[]);
    expect(&["open /etc/nothing as -1"], &[]);
    expect(&[], &["read 4"]);
    expect(&["open /etc/group as 4"], &[]);
    expect(&["erase 10/4 removes=false there=true"], &[]);
    expect(&["Error"], &[]);
    expect(&["erase 10/3 removes=true there=true"], &[]);
    expect(&[], &[]);
    // The closed fd was removed with the next event, the other one is removed with its process.
    expect(&["erase 10/4 removes=false there=true"], &[]);
    assert!(i.state().threads.get(10).is_none());
    assert_eq!(go(&mut i, &mut w), (Next::Filtered, vec!["process Filtered".into()]));
    assert_eq!(go(&mut i, &mut w), (Next::Eof, vec!["process Eof".into()]));
}

#[test]
fn without_an_observer_nothing_is_noted() {
    let mut i = open([open_file(1, 10, 3, "/etc/passwd"), read(2, 10, 3, b"root"), close(3, 10, 0, 3)]);
    for _ in 0..3 {
        assert_eq!(i.next().unwrap(), Next::Event);
        let notices = &i.current.notices;
        assert_eq!((notices.list.capacity(), notices.posted.capacity(), notices.kept.capacity()), (0, 0, 0));
    }
}

#[test]
fn what_fails_comes_out_and_the_event_is_done() {
    for at in ["open", "erase", "parse", "process", "Error"] {
        let steps = [
            open_file(1, 10, 3, "/etc/passwd"),
            close(2, 10, -9, 3),
            close(3, 10, 0, 3),
            Call::Event(4, 10, UNLINK, 0),
            Call::Event(5, 10, UNLINK, 0),
        ];
        let mut i = open(steps);
        let mut w = Witness { fails_at: Some(at), ..Witness::default() };
        let mut errors = 0;
        for num in 1..=5 {
            match i.next_with(&mut w) {
                Ok(next) => assert_eq!(next, Next::Event),
                Err(e) => {
                    assert_eq!(e.to_string(), "the witness has had enough");
                    errors += 1;
                }
            }
            assert_eq!(i.event_count(), num, "{at}");
            assert!(w.take().iter().filter(|what| what.starts_with("erase")).count() <= usize::from(num == 3), "{at}");
            let threads = &i.state().threads;
            let t = threads.get(10).unwrap();
            assert_eq!((t.lastevent_ts.get(), threads.fd(t, 3).is_some()), (num, num < 4), "{at}");
        }
        assert_eq!(i.next().unwrap(), Next::Eof);
        assert!(errors > 0, "{at}");
    }
}

#[test]
fn the_filter_comes_before_or_after_the_parser() {
    use std::cell::RefCell;
    use std::rc::Rc;
    let asked = Rc::<RefCell<Vec<(u64, bool)>>>::default();
    let mut i = open([open_file(1, 10, 3, "/etc/passwd"), read(2, 10, 3, b"root"), Call::Event(3, 10, UNLINK, 0)]);
    let seen = asked.clone();
    i.set_filter(Some(Box::new(move |c| {
        seen.borrow_mut().push((c.num, c.notes.complete));
        Ok(c.num == 3)
    })));
    let mut w = Witness::default();
    // A filtered event gives no notices for what was not parsed and does not reach the processor; parsers see all events.
    assert_eq!(go(&mut i, &mut w), (Next::Filtered, vec!["open /etc/passwd as 3".into(), "parse 1".into()]));
    assert_eq!(go(&mut i, &mut w), (Next::Filtered, vec!["parse 2".into()]));
    assert_eq!(go(&mut i, &mut w), (Next::Event, vec!["parse 3".into(), "process Event".into()]));
    let modifies = |ty: EventType| ty.info().unwrap().flags.has(driver::EventFlags::MODIFIES_STATE);
    assert!(modifies(EventType::SYSCALL_OPENAT_2_X) && !modifies(EventType::SYSCALL_READ_X));
    assert_eq!(*asked.borrow(), [(1, true), (2, false), (3, modifies(UNLINK))]);
}

fn outside(ts: u64) -> EventBuf {
    let ty = EventType::ASYNCEVENT_E;
    let params = vec![Value::Null; ty.info().unwrap().params.len()];
    EventBuf::new(&bytes(ts, -1, ty, &params)).unwrap()
}

#[test]
fn events_from_outside_are_merged_by_time() {
    let unlink = |ts| Call::Event(ts, 10, UNLINK, 0);
    let mut i = open([unlink(10), unlink(20), Call::Answer(Status::Timeout), unlink(30)]);
    let injector = i.injector();
    for ts in [25, 20, 15, 5, 31] {
        injector.push(outside(ts)).unwrap();
    }
    let mut next = || {
        let next = i.next().unwrap();
        if next == Next::Event {
            let c = i.current().unwrap();
            return (next, c.event.ts(), c.event.ty() == UNLINK, c.num);
        }
        (next, 0, false, 0)
    };
    assert_eq!(next(), (Next::Event, 5, false, 1));
    assert_eq!(next(), (Next::Event, 10, true, 2));
    assert_eq!(next(), (Next::Event, 15, false, 3));
    assert_eq!(next(), (Next::Event, 20, false, 4));
    assert_eq!(next(), (Next::Event, 20, true, 5));
    // At a timeout, events up to the time of the last event are delivered.
    injector.push(outside(NO_TIME)).unwrap();
    assert_eq!(next(), (Next::Event, 20, false, 6));
    assert_eq!(next(), (Next::Event, 25, false, 7));
    assert_eq!(next(), (Next::Event, 30, true, 8));
    assert_eq!(next(), (Next::Eof, 0, false, 0));
    i.close();
    assert!(injector.push(outside(1)).is_err());
}

#[test]
fn an_engine_that_calls_out_is_lent() {
    let mut i = Inspector::new();
    let steps = [Call::Event(1, 10, UNLINK, 0), Call::Error, Call::Event(2, 10, UNLINK, 0)].into();
    i.open_capture(|_| Ok(Script { steps, current: Default::default(), sections: 0, calls_out: true })).unwrap();
    // The first event was read during the open.
    assert_eq!(i.next().unwrap(), Next::Event);
    i.begin(Wants::default());
    assert_eq!(i.step(), Step::Fetch);
    let mut engine = i.lend_engine().unwrap();
    assert!(i.lend_engine().is_none() && i.current().is_none());
    let refused = i.start().unwrap_err().to_string();
    assert_eq!(refused, "the engine of the inspector is delivering an event");
    let answer = engine.next();
    i.return_engine(engine, answer);
    assert_eq!(i.step(), Step::Failed);
    assert_eq!(i.take_failure().to_string(), "it broke");
    assert_eq!((i.next().unwrap(), i.event_count()), (Next::Event, 2));
}

#[test]
fn a_new_thread_is_reported_once_it_is_in_the_table() {
    let ty = EventType::SYSCALL_CLONE_20_X;
    let mut params = vec![Value::Null; ty.info().unwrap().params.len()];
    params[0] = 12i64.into();
    let mut child = params.clone();
    child[0] = 0i64.into();
    child[4] = 13i64.into();
    child[5] = 10i64.into();
    let steps = [Call::Bytes(bytes(1, 10, ty, &params)), Call::Bytes(bytes(2, 13, ty, &child))];
    let (mut i, mut w) = (open(steps), Witness::default());
    // Whether a parent's clone event adds the child depends on the pid namespace; the child's own event always adds it.
    go(&mut i, &mut w);
    let (_, log) = go(&mut i, &mut w);
    assert_eq!(log, ["parse 2", "clone 13 -1 there=true", "process Event"]);
}

#[test]
fn the_short_way_gives_what_the_steps_give() {
    let plugin = |ts| {
        let data = [7u32.into(), Value::Bytes(b"data")];
        Call::Bytes(bytes(ts, -1, EventType::PLUGINEVENT_E, &data))
    };
    let read = |calls_out| {
        let mut i = Inspector::new();
        let open = |sink: &mut dyn SystemSink| {
            describe(sink, 10);
            let (unlink, exit) = (Call::Event(21, 10, UNLINK, 0), Call::Event(25, 11, EventType::PROCEXIT_1_E, 0));
            let steps = [plugin(5), plugin(20), unlink, plugin(22), exit, plugin(30), plugin(40), plugin(50)].into();
            Ok(Script { steps, current: Default::default(), sections: 0, calls_out })
        };
        i.open_capture(open).unwrap();
        let (mut seen, mut short) = (Vec::new(), 0);
        loop {
            if seen.len() == 6 {
                i.injector().push(outside(35)).unwrap();
            }
            i.begin(Wants::default());
            if i.next_apart().is_some() {
                short += 1;
            } else if i.next().unwrap() == Next::Eof {
                break;
            }
            assert!(!i.is_rejected());
            let c = i.current().unwrap();
            let notes = (c.notes.fd_num, c.notes.errno, c.notes.complete, c.notes.transient);
            let event = (c.num, c.event.ts(), c.event.ty(), c.source_id(), c.event.param(1).map(<[u8]>::to_vec));
            seen.push((event, notes, c.thread.map(|t| t.tid.get()), i.last_event_ts(), i.first_event_ts()));
        }
        (seen, i.state().threads.len(), short)
    };
    let (seen, threads, short) = read(true);
    // Not those that were read at the open, come after an exit, or wait for one from outside.
    assert_eq!((seen.len(), threads, short), (9, 1, 3));
    assert_eq!(read(false), (seen, threads, 0));
}

#[test]
fn plugins_parse_the_types_that_they_chose() {
    let steps = || [Call::Event(1, 10, UNLINK, 0), Call::Event(2, 11, EventType::PROCEXIT_1_E, 0)];
    let parsed = |chosen: Option<&[EventType]>| {
        let (mut i, mut w) = (open(steps()), Witness::default());
        if let Some(chosen) = chosen {
            let mut types = CodeSet::default();
            chosen.iter().for_each(|ty| types.insert(ty.0));
            i.set_parsed(types);
        }
        let mut log = go(&mut i, &mut w).1;
        log.extend(go(&mut i, &mut w).1);
        log.retain(|line| line.starts_with("parse"));
        log
    };
    assert_eq!(parsed(None), ["parse 1", "parse 2"]);
    assert_eq!(parsed(Some(&[EventType::PROCEXIT_1_E])), ["parse 2"]);
    assert!(parsed(Some(&[])).is_empty());
}
