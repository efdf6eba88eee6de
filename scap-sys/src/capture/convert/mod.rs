//! Events of old captures, turned into the events of today.
//!
//! Captures from before driver 10 hold two events for a system call: one when it starts, with the arguments, and one when it
//! ends, with the result. Today the second holds it all. And events have got parameters, or a successor, over the years.
//! The [`Converter`] brings every event to today's form:
//!
//! - an event that is not in use, or an old enter event that nothing is made of, is dropped;
//! - an enter event is kept for its thread until the exit event, and dropped itself, unless it is one of the few that are
//!   [shown](rules::SHOWN);
//! - an exit event gets the parameters that it lacks: each is looked for by its name, in the old event and then in
//!   the enter event of its thread; one that is in neither is null or zero;
//! - an event of an old type takes the type that [followed](rules::UPGRADES), step by step.
//!
//! What of this holds for which event follows from the event table: [`EventFlags::CONVERTER_MANAGED`] and
//! [`EventFlags::OLD_VERSION`] say which events are concerned, the names of the parameters where a value comes from. [`rules`]
//! holds what does not follow.

pub mod rules;

use crate::encode::{Frame, fixed_size};
use crate::{Error, Event, Result};
use driver::{EVENTS, EventFlags, EventInfo, EventType, ParamType};
use hashbrown::HashMap;
use std::sync::LazyLock;

/// How many bytes of enter events are kept for their exit events. A file that has more threads in a call than fit
/// loses all that are kept, and the exit events get null or zero.
const MAX_KEPT: usize = 64 << 20;
/// More conversions than this one after the other mean a circle in the rules.
const MAX_STEPS: usize = 50;
/// The most parameters that an event has.
const MAX_PARAMS: usize = 32;

/// What is to be done with an event, or has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Pass,
    /// It is not to be shown.
    Drop,
    /// It has to be converted, or converted once more.
    Convert,
}

/// What becomes of one event type.
struct Plan {
    fate: Fate,
    /// How many parameters it has today.
    full: u8,
    /// The type that it becomes, and with how many parameters.
    upgrade: Option<(EventType, u8)>,
    /// The size before today's that a conversion stops at.
    stage: Option<u8>,
    /// Where each parameter of the resulting type comes from.
    sources: Vec<Source>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Drop,
    Pass,
    /// It passes with all of its parameters, and is converted with fewer.
    Complete,
    /// It always goes through [`Converter::step`].
    Convert,
    /// The same; it is an enter event, which is shown or not, and kept for its exit event or not.
    Enter {
        shown: bool,
        kept: bool,
    },
}

struct Source {
    /// Its place in the old event.
    old: Option<u8>,
    /// Its place in the enter event.
    enter: Option<u8>,
    ty: ParamType,
    /// What it is if it is in neither.
    zero: bool,
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| EVENTS.iter().map(plan).collect());

fn plan(info: &'static EventInfo) -> Plan {
    let ty = info.ty;
    let full = info.params.len() as u8;
    let upgrade = rules::UPGRADES.iter().find(|u| u.from == ty).map(|u| (u.to, u.params));
    let old = info.flags.has(EventFlags::OLD_VERSION);
    let fate = if info.flags.has(EventFlags::UNUSED) {
        Fate::Drop
    } else if !info.flags.has(EventFlags::CONVERTER_MANAGED) {
        if old { Fate::Drop } else { Fate::Pass }
    } else if upgrade.is_some() {
        Fate::Convert
    } else if ty.is_enter() {
        let shown = rules::SHOWN.iter().find(|(t, _)| *t == ty);
        Fate::Enter { shown: shown.is_some(), kept: shown.is_none_or(|s| s.1) }
    } else {
        Fate::Complete
    };
    let target = upgrade.map_or(info, |(to, _)| &EVENTS[to.0 as usize]);
    let enter = if ty.is_exit() { EVENTS[ty.0 as usize - 1].params } else { &[] };
    let null = rules::NULL_IF_MISSING.contains(&ty);
    let source = |(i, p): (usize, &driver::ParamInfo)| {
        let renamed = rules::RENAMED.iter().find(|(t, new, _)| *t == ty && *new == p.name);
        let name = renamed.map_or(p.name, |r| r.2);
        let place = |params: &[driver::ParamInfo]| params.iter().position(|q| q.name == name).map(|i| i as u8);
        Source {
            old: if upgrade.is_some() { place(info.params) } else { Some(i as u8) },
            enter: place(enter),
            ty: p.ty,
            zero: !null || rules::ZERO_IF_MISSING.contains(&(ty, p.name)),
        }
    };
    Plan {
        fate,
        full,
        upgrade,
        stage: rules::STAGES.iter().find(|s| s.0 == ty).map(|s| s.1),
        sources: target.params.iter().enumerate().map(source).collect(),
    }
}

/// What is to be done with an event, from its type and the number of its parameters.
#[inline]
pub fn verdict(event: &Event<'_>) -> Verdict {
    let Some(plan) = PLANS.get(event.ty().0 as usize) else { return Verdict::Drop };
    match plan.fate {
        Fate::Pass => Verdict::Pass,
        Fate::Complete if event.nparams() == plan.full.into() => Verdict::Pass,
        Fate::Drop => Verdict::Drop,
        _ => Verdict::Convert,
    }
}

/// Converts the events of a capture, one after the other, and keeps the enter events until they are needed.
#[derive(Default)]
pub struct Converter {
    /// The last enter event of each thread, until an exit event took parameters from it.
    kept: HashMap<i64, Vec<u8>>,
    kept_bytes: usize,
    /// Memory of enter events that were used, for the next ones.
    spare: Vec<Vec<u8>>,
    /// The event of the step before, while the next one is made.
    previous: Vec<u8>,
}

impl Converter {
    /// A converter that has seen no event.
    pub fn new() -> Converter {
        Converter::default()
    }

    /// Forgets the enter events.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.kept_bytes = 0;
    }

    /// The enter event that is kept for a thread.
    pub fn kept(&self, tid: i64) -> Option<Event<'_>> {
        self.kept.get(&tid).map(|bytes| Event::checked(bytes, 0, 0))
    }

    /// Converts an event that needs it ([`verdict`] says so) as far as it goes, into `out`. The answer is whether to show it.
    pub fn convert(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<bool> {
        let mut verdict = self.step(event, out)?;
        for _ in 1..MAX_STEPS {
            if verdict != Verdict::Convert {
                return Ok(verdict == Verdict::Pass);
            }
            let mut previous = std::mem::take(&mut self.previous);
            std::mem::swap(&mut previous, out);
            verdict = self.step(&Event::checked(&previous, event.cpu(), event.flags()), out)?;
            self.previous = previous;
        }
        Err(bad(event, &format!("not done after {MAX_STEPS} conversions")))
    }

    /// Converts an event one step, into `out`; the answer is what is to be done with the result.
    pub fn step(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<Verdict> {
        if verdict(event) != Verdict::Convert {
            return Err(bad(event, "it needs no conversion"));
        }
        let plan = &PLANS[event.ty().0 as usize];
        let n = event.nparams();
        if n > plan.full.into() {
            return Err(bad(event, &format!("{n} parameters, where {} is the most", plan.full)));
        }
        out.clear();
        if let Fate::Enter { shown, kept } = plan.fate
            && n == plan.full.into()
        {
            out.extend_from_slice(event.bytes());
            if kept {
                self.keep(event);
            }
            return Ok(if shown { Verdict::Pass } else { Verdict::Drop });
        }
        let (ty, upto) = match plan.upgrade {
            Some(upgrade) => upgrade,
            None => (event.ty(), plan.stage.filter(|&s| n < s.into()).unwrap_or(plan.full)),
        };
        let mut olds = [None; MAX_PARAMS];
        olds.iter_mut().zip(event.params()).for_each(|(old, value)| *old = Some(value));
        let enter = self.kept(event.tid()).filter(|e| event.ty().is_exit() && e.ty().0 == event.ty().0 - 1);
        let mut used = false;
        let mut frame = Frame::start(out, event.ts(), event.tid(), ty, upto.into());
        for source in &plan.sources[..upto.into()] {
            if let Some(value) = source.old.and_then(|i| olds[usize::from(i)]) {
                let most = if plan.upgrade.is_some() { most(source.ty, frame.len_size()) } else { value.len() };
                frame.push(&value[..value.len().min(most)])?;
            } else if let Some(value) = source.enter.and_then(|i| enter?.param(i.into())) {
                used = true;
                frame.push(&value[..value.len().min(most(source.ty, frame.len_size()))])?;
            } else if event.ty() == EventType::CONTAINER_E {
                frame.push(&container_json(event))?;
            } else if source.zero {
                frame.push(default_value(source.ty))?;
            } else {
                frame.push(&[])?;
            }
        }
        frame.finish()?;
        if used {
            self.forget(event.tid());
        }
        Ok(verdict(&Event::checked(out, event.cpu(), event.flags())))
    }

    fn keep(&mut self, event: &Event<'_>) {
        self.forget(event.tid());
        if self.kept_bytes + event.bytes().len() > MAX_KEPT {
            self.clear();
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(event.bytes());
        self.kept_bytes += bytes.len();
        self.kept.insert(event.tid(), bytes);
    }

    fn forget(&mut self, tid: i64) {
        const SPARE: usize = 256;
        if let Some(bytes) = self.kept.remove(&tid) {
            self.kept_bytes -= bytes.len();
            if self.spare.len() < SPARE {
                self.spare.push(bytes);
            }
        }
    }
}

/// The most bytes that a parameter of a type has.
fn most(ty: ParamType, len_size: usize) -> usize {
    fixed_size(ty).unwrap_or(if len_size == 4 { u32::MAX as usize } else { u16::MAX.into() })
}

/// Zero, or all ones for a user or a group; nothing for what has no fixed size.
fn default_value(ty: ParamType) -> &'static [u8] {
    match ty {
        ParamType::UID | ParamType::GID => &[0xff; 4],
        _ => &[0; 8][..fixed_size(ty).unwrap_or(0)],
    }
}

/// The description of a container that its successor carries, out of the four parameters of the old event. Empty if one of
/// them is not there.
fn container_json(event: &Event<'_>) -> Vec<u8> {
    let mut params = event.params();
    let (Some(id), Some(ty), Some(name), Some(image)) = (params.next(), params.next(), params.next(), params.next())
    else {
        return Vec::new();
    };
    let Ok(ty) = <[u8; 4]>::try_from(ty).map(u32::from_le_bytes) else { return Vec::new() };
    let mut json = b"{\"id\":".to_vec();
    push_json_string(&mut json, id);
    json.extend_from_slice(format!(",\"type\":{ty},\"name\":").as_bytes());
    push_json_string(&mut json, name);
    json.extend_from_slice(b",\"image\":");
    push_json_string(&mut json, image);
    json.extend_from_slice(b"}\0");
    if json.len() > u16::MAX.into() { Vec::new() } else { json }
}

/// A string of an event, without its NUL, as JSON has it.
fn push_json_string(json: &mut Vec<u8>, s: &[u8]) {
    json.push(b'"');
    for &b in s.strip_suffix(b"\0").unwrap_or(s) {
        match b {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', b]),
            0..0x20 => json.extend_from_slice(format!("\\u{b:04x}").as_bytes()),
            _ => json.push(b),
        }
    }
    json.push(b'"');
}

#[cold]
fn bad(event: &Event<'_>, what: &str) -> Error {
    let name = event.info().map_or("?", |i| i.enum_name);
    Error::Corrupt {
        what: format!("cannot convert the event {name} ({} parameters): {what}", event.nparams()),
        offset: 0,
    }
}
