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

use super::plain_block::Params;
use crate::encode::{Frame, fixed_size};
use crate::{Error, Event, Result};
use driver::{EVENTS, EventFlags, EventInfo, EventType, ParamType};
use hashbrown::HashMap;
use std::sync::LazyLock;

/// How much memory is used to keep enter events for their exit events. In a file whose threads need more, all that are kept
/// are forgotten, and their exit events get null or zero.
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
    /// Its place in the old event, if that is of another type.
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
    let source = |p: &driver::ParamInfo| {
        let renamed = rules::RENAMED.iter().find(|(t, new, _)| *t == ty && *new == p.name);
        let name = renamed.map_or(p.name, |r| r.2);
        let place = |params: &[driver::ParamInfo]| params.iter().position(|q| q.name == name).map(|i| i as u8);
        Source {
            old: upgrade.and_then(|_| place(info.params)),
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
        sources: target.params.iter().map(source).collect(),
    }
}

/// What is to be done with an event, from its type and the number of its parameters.
#[inline]
pub fn verdict(event: &Event<'_>) -> Verdict {
    PLANS.get(event.ty().0 as usize).map_or(Verdict::Drop, |plan| plan.verdict(event))
}

/// The events that pass as they are if they have all of their parameters.
pub(crate) fn unchanged() -> &'static Params {
    static UNCHANGED: LazyLock<Params> = LazyLock::new(|| {
        Params::new(|ty| {
            let passes = matches!(PLANS[ty].fate, Fate::Pass | Fate::Complete);
            (passes && !EVENTS[ty].flags.has(EventFlags::LARGE_PAYLOAD)).then_some(PLANS[ty].full)
        })
    });
    &UNCHANGED
}

impl Plan {
    #[inline]
    fn verdict(&self, event: &Event<'_>) -> Verdict {
        match self.fate {
            Fate::Pass => Verdict::Pass,
            Fate::Complete if event.nparams() == self.full.into() => Verdict::Pass,
            Fate::Drop => Verdict::Drop,
            _ => Verdict::Convert,
        }
    }
}

/// What [`Converter::convert`] did with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is to be shown as it is.
    Same,
    /// It is not to be shown.
    Dropped,
    /// What was written is to be shown in its place.
    Converted,
}

/// Converts the events of a capture, one after the other, and keeps the enter events until they are needed.
#[derive(Default)]
pub struct Converter {
    /// The last enter event of each thread; empty once an exit event took parameters from it.
    kept: HashMap<i64, Vec<u8>>,
    /// The memory that is used for them.
    kept_bytes: usize,
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
        self.kept.get(&tid).filter(|bytes| !bytes.is_empty()).map(|bytes| Event::checked(bytes, 0, 0))
    }

    /// Brings an event to today's form, in `out` if it has to be changed.
    #[inline]
    pub fn convert(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<Outcome> {
        let Some(plan) = PLANS.get(event.ty().0 as usize) else { return Ok(Outcome::Dropped) };
        match plan.verdict(event) {
            Verdict::Pass => Ok(Outcome::Same),
            Verdict::Drop => Ok(Outcome::Dropped),
            Verdict::Convert => self.steps(plan, event, out),
        }
    }

    fn steps(&mut self, plan: &Plan, event: &Event<'_>, out: &mut Vec<u8>) -> Result<Outcome> {
        if let Some(shown) = self.complete_enter(plan, event) {
            return Ok(if shown { Outcome::Same } else { Outcome::Dropped });
        }
        let mut verdict = self.rewrite(plan, event, out)?;
        for _ in 1..MAX_STEPS {
            match verdict {
                Verdict::Pass => return Ok(Outcome::Converted),
                Verdict::Drop => return Ok(Outcome::Dropped),
                Verdict::Convert => {}
            }
            let mut previous = std::mem::take(&mut self.previous);
            std::mem::swap(&mut previous, out);
            verdict = self.step(&Event::checked(&previous, event.cpu(), event.flags()), out)?;
            self.previous = previous;
        }
        Err(bad(event, &format!("not done after {MAX_STEPS} conversions")))
    }

    /// Converts an event that needs it one step, into `out`; the answer is what is to be done with the result.
    pub fn step(&mut self, event: &Event<'_>, out: &mut Vec<u8>) -> Result<Verdict> {
        let plan = PLANS.get(event.ty().0 as usize).filter(|plan| plan.verdict(event) == Verdict::Convert);
        let plan = plan.ok_or_else(|| bad(event, "it needs no conversion"))?;
        if let Some(shown) = self.complete_enter(plan, event) {
            out.clear();
            out.extend_from_slice(event.bytes());
            return Ok(if shown { Verdict::Pass } else { Verdict::Drop });
        }
        self.rewrite(plan, event, out)
    }

    /// Keeps an enter event that has all of its parameters. The answer is whether it is shown; `None` for any other event.
    #[inline]
    fn complete_enter(&mut self, plan: &Plan, event: &Event<'_>) -> Option<bool> {
        let Fate::Enter { shown, kept } = plan.fate else { return None };
        if event.nparams() != plan.full.into() {
            return None;
        }
        if kept {
            self.keep(event);
        }
        Some(shown)
    }

    /// Writes the event that follows from the old one.
    fn rewrite(&mut self, plan: &Plan, event: &Event<'_>, out: &mut Vec<u8>) -> Result<Verdict> {
        let n = event.nparams();
        if n > plan.full.into() {
            return Err(bad(event, &format!("{n} parameters, where {} is the most", plan.full)));
        }
        let kept = if event.ty().is_exit() { self.kept.get_mut(&event.tid()) } else { None };
        let enter = kept.as_ref().filter(|bytes| !bytes.is_empty()).map(|bytes| Event::checked(bytes, 0, 0));
        let enter = enter.filter(|e| e.ty().0 + 1 == event.ty().0);
        let mut used = false;
        out.clear();
        let mut frame;
        if let Some((ty, upto)) = plan.upgrade {
            let container = (event.ty() == EventType::CONTAINER_E).then(|| container_json(event));
            let mut olds = [None; MAX_PARAMS];
            olds.iter_mut().zip(event.params()).for_each(|(old, value)| *old = Some(value));
            frame = Frame::start(out, event.ts(), event.tid(), ty, upto.into());
            for source in &plan.sources[..upto.into()] {
                match source.old.and_then(|i| olds[usize::from(i)]).or(container.as_deref()) {
                    Some(value) => frame.push(source.cut(value, frame.len_size()))?,
                    None => used |= source.fill(&mut frame, enter)?,
                }
            }
        } else {
            let upto = plan.stage.filter(|&s| n < s.into()).unwrap_or(plan.full);
            frame = Frame::extend(out, event, upto.into());
            for source in &plan.sources[n as usize..upto.into()] {
                used |= source.fill(&mut frame, enter)?;
            }
        }
        frame.finish()?;
        if used && let Some(kept) = kept {
            kept.clear();
        }
        Ok(verdict(&Event::checked(out, event.cpu(), event.flags())))
    }

    fn keep(&mut self, event: &Event<'_>) {
        /// What a thread costs beside its event.
        const ENTRY: usize = 64;
        if self.kept_bytes > MAX_KEPT {
            self.clear();
        }
        let bytes = self.kept.entry(event.tid()).or_insert_with(|| {
            self.kept_bytes += ENTRY;
            Vec::new()
        });
        let before = bytes.capacity();
        bytes.clear();
        bytes.extend_from_slice(event.bytes());
        self.kept_bytes += bytes.capacity() - before;
    }
}

impl Source {
    /// Writes a parameter that the old event does not have. The answer is whether the enter event had it.
    #[inline]
    fn fill(&self, frame: &mut Frame<'_>, enter: Option<Event<'_>>) -> Result<bool> {
        let value = self.enter.and_then(|i| enter?.param(i.into()));
        let fallback = if self.zero { default_value(self.ty) } else { &[] };
        frame.push(value.map_or(fallback, |value| self.cut(value, frame.len_size())))?;
        Ok(value.is_some())
    }

    /// A value cut to the most bytes that the parameter has.
    fn cut<'v>(&self, value: &'v [u8], len_size: usize) -> &'v [u8] {
        let most = fixed_size(self.ty).unwrap_or(if len_size == 4 { u32::MAX as usize } else { u16::MAX.into() });
        &value[..value.len().min(most)]
    }
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

#[cfg(test)]
mod tests;
