//! Tests of when a selection is in force, with an engine that keeps what it is told.

use super::*;
use crate::filter::{Factory, Filter};
use driver::{SCS, Sc};
use scap_sys::engine::{Engine, Kept, Status};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Default)]
struct Told {
    kept: Vec<Vec<Kept>>,
    refuses: bool,
}

struct Driver(Rc<RefCell<Told>>);

impl Engine for Driver {
    fn name(&self) -> &'static str {
        "driver"
    }

    fn next(&mut self) -> scap_sys::Result<Status> {
        Ok(Status::Timeout)
    }

    fn bytes(&self) -> &[u8] {
        &scap_sys::engine::NO_EVENT
    }

    fn is_live(&self) -> bool {
        true
    }

    fn keep(&mut self, kept: &[Kept]) -> scap_sys::Result<()> {
        let mut told = self.0.borrow_mut();
        if told.refuses && !kept.is_empty() {
            return Err(scap_sys::Error::NotSupported("leaving out calls".into()));
        }
        told.kept.push(kept.to_vec());
        Ok(())
    }
}

fn filters(texts: &[&str]) -> Vec<Filter> {
    let factory = Factory::new();
    texts.iter().map(|text| factory.compile_text(text.as_bytes()).expect("a filter")).collect()
}

fn of(texts: &[&str]) -> Option<Wanted> {
    Some(Wanted::new(&filters(texts)))
}

fn opened() -> (Inspector, Rc<RefCell<Told>>) {
    let told = Rc::<RefCell<Told>>::default();
    let mut inspector = Inspector::new();
    inspector.engine = Some(Box::new(Driver(told.clone())));
    inspector.mode = Mode::Live;
    (inspector, told)
}

fn obstacles(inspector: &Inspector) -> Vec<Obstacle> {
    inspector.selection().expect("a selection").obstacles
}

#[test]
fn it_is_in_force_while_filters_alone_get_events() {
    let (mut inspector, told) = opened();
    assert!(inspector.selection().is_none());
    inspector.select_events(of(&["evt.type = unlink"]), Audience::default()).unwrap();
    assert!(obstacles(&inspector).is_empty());
    let at = |sc: Sc| told.borrow().kept.last().and_then(|kept| kept.get(sc.0 as usize).copied());
    assert_eq!((at(Sc::READ), at(Sc::UNLINK)), (Some(Kept::NONE), Some(Kept::ALL)));
    assert_eq!(told.borrow().kept.last().map(Vec::len), Some(SCS.len()));

    for (audience, obstacle) in [
        (Audience { observer: true, ..Audience::default() }, Obstacle::Observer),
        (Audience { processor: true, ..Audience::default() }, Obstacle::Processor),
        (Audience { dump: true, ..Audience::default() }, Obstacle::Dump),
    ] {
        inspector.select_events(of(&["evt.type = unlink"]), audience).unwrap();
        assert_eq!(obstacles(&inspector), [obstacle]);
        assert_eq!(at(Sc::READ), None, "all are kept");
        inspector.select_events(of(&["evt.type = unlink"]), Audience::default()).unwrap();
        assert_eq!(at(Sc::READ), Some(Kept::NONE));
    }
    inspector.select_events(None, Audience::default()).unwrap();
    assert!(inspector.selection().is_none() && at(Sc::READ).is_none());
}

#[test]
fn filters_that_need_all_events_are_obstacles() {
    let (mut inspector, told) = opened();
    inspector.select_events(of(&["evt.type = open", "evt.num > 3"]), Audience::default()).unwrap();
    assert_eq!(obstacles(&inspector), [Obstacle::CountsEvents(1, "evt.num")]);
    inspector.select_events(of(&[]), Audience::default()).unwrap();
    assert_eq!(obstacles(&inspector), [Obstacle::NoFilter]);
    assert!(told.borrow().kept.is_empty());
}

#[test]
fn nothing_is_told_twice_and_tracking_changes_it() {
    let (mut inspector, told) = opened();
    let count = || told.borrow().kept.len();
    inspector.select_events(of(&["evt.type = unlink"]), Audience::default()).unwrap();
    inspector.select_events(of(&["evt.type = unlink and proc.name = x"]), Audience::default()).unwrap();
    assert_eq!(count(), 1);
    inspector.set_connection_tracking(true);
    assert_eq!(count(), 2);
    let read = told.borrow().kept[1][Sc::READ.0 as usize];
    assert_eq!(read, Kept::ALL);
}

#[test]
fn a_driver_that_cannot_is_an_error_and_leaves_out_nothing() {
    let (mut inspector, told) = opened();
    told.borrow_mut().refuses = true;
    let error = inspector.select_events(of(&["evt.type = unlink"]), Audience::default()).unwrap_err().to_string();
    assert!(error.contains("leaving out calls"), "{error}");
    assert_eq!(obstacles(&inspector), [Obstacle::Driver(error)]);
    assert_eq!(told.borrow().kept, [Vec::new()]);
}

#[test]
fn without_a_driver_it_waits() {
    let mut inspector = Inspector::new();
    inspector.select_events(of(&["evt.type = unlink"]), Audience::default()).unwrap();
    assert_eq!(obstacles(&inspector), [Obstacle::NotLive]);
}

#[test]
fn the_text_has_a_line_for_each_call() {
    let (mut inspector, _told) = opened();
    inspector
        .select_events(of(&["evt.type = unlink", "evt.type = read and evt.failed = true"]), Audience::default())
        .unwrap();
    let text = inspector.selection().expect("a selection").text();
    for line in [
        "unlinkat                 never",
        "close                    success  it changes the state",
        "openat                   success  it changes the state; the event of its begin comes in any case",
        "read                     failure  filter 1",
        "sched_process_exit       always   it changes the state",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}: {text}");
    }
    assert!(!text.contains("nothing is left out"), "{text}");
    inspector.select_events(of(&["proc.name = x"]), Audience { dump: true, ..Audience::default() }).unwrap();
    let text = inspector.selection().expect("a selection").text();
    assert!(
        text.starts_with("nothing is left out: a capture is written, which has all events\nfilter 0 can hold"),
        "{text}"
    );
}
