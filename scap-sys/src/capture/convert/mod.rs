//! Converts events of old captures to the present event table.
//!
//! Before driver 10 a system call had two events: an enter event with the arguments and an exit event with the result. Now
//! the exit event has everything. Types also got more parameters, or successors, over time. The [`Converter`] handles this
//! as follows:
//!
//! - An event of an unused type, or an old enter event that no conversion needs, is dropped.
//! - An enter event is kept for its thread until the exit event. It is dropped itself, except for the types in
//!   [`SHOWN`](rules::SHOWN).
//! - An exit event gets its missing parameters: each is looked up by name in the old event, then in the enter event of its
//!   thread. If neither has it, it is null or zero.
//! - An event of an old type becomes one of the [following type](rules::UPGRADES), step by step.
//!
//! [`EventFlags::CONVERTER_MANAGED`] and [`EventFlags::OLD_VERSION`] in the event table say which events are converted, and
//! its parameter names where values come from. [`rules`] has the exceptions.

pub mod rules;

use super::plain_block::Params;
use crate::encode::{Frame, fixed_size};
use crate::number::lower_bytes;
use crate::{Error, Event, Result};
use driver::{EVENTS, EventFlags, EventInfo, EventType, ParamType};
use hashbrown::HashMap;
use once_cell::sync::Lazy;

/// The limit for the memory of kept enter events, in bytes. When it is exceeded, all are dropped, and their exit events get
/// null or zero.
const MAX_KEPT: usize = 64 << 20;
/// The limit of conversions of one event; more mean a cycle in the rules.
const MAX_STEPS: usize = 50;
/// The most parameters of any event type.
const MAX_PARAMS: usize = 32;

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Deliver it as it is.
    Pass,
    /// Drop it.
    Drop,
    /// Convert it, or convert it once more.
    Convert,
}

struct Plan {
    fate: Fate,
    /// The present number of its parameters.
    full: u8,
    /// The type that follows it, and with how many parameters.
    upgrade: Option<(EventType, u8)>,
    /// A smaller number of parameters at which a conversion stops.
    stage: Option<u8>,
    /// The source of each parameter of the resulting type.
    sources: Vec<Source>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Drop,
    Pass,
    /// Passes with all of its parameters, is converted with fewer.
    Complete,
    /// Always goes through [`Converter::step`].
    Convert,
    /// As `Convert`, for an enter event: whether it is delivered, and whether it is kept for its exit event.
    Enter {
        shown: bool,
        kept: bool,
    },
}

struct Source {
    /// Its index in the old event, if that has another type.
    old: Option<u8>,
    /// Its index in the enter event.
    enter: Option<u8>,
    ty: ParamType,
    /// Whether the default is zero instead of null.
    zero: bool,
}

static PLANS: Lazy<Vec<Plan>> = Lazy::new(|| EVENTS.iter().map(plan).collect());

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

/// What to do with an event, by its type and number of parameters.
#[inline]
pub fn verdict(event: &Event<'_>) -> Verdict {
    PLANS.get(event.ty().0 as usize).map_or(Verdict::Drop, |plan| plan.verdict(event))
}

/// The event types that pass unchanged if they have all of their parameters.
pub(crate) fn unchanged() -> &'static Params {
    static UNCHANGED: Lazy<Params> = Lazy::new(|| {
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

/// The result of [`Converter::convert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Deliver the event unchanged.
    Same,
    /// Drop the event.
    Dropped,
    /// Deliver the converted event.
    Converted,
}

/// Converts the events of a capture in order, and keeps enter events for their exit events.
#[derive(Default)]
pub struct Converter {
    /// The last enter event of each thread; empty after an exit event took parameters from it.
    kept: HashMap<i64, Vec<u8>>,
    kept_bytes: usize,
    /// The result of the previous step, the input of the next one.
    previous: Vec<u8>,
}

impl Converter {
    /// A converter without kept events.
    pub fn new() -> Converter {
        Converter::default()
    }

    /// Drops the kept enter events.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.kept_bytes = 0;
    }

    /// The enter event that is kept for a thread.
    pub fn kept(&self, tid: i64) -> Option<Event<'_>> {
        self.kept.get(&tid).filter(|bytes| !bytes.is_empty()).map(|bytes| Event::checked(bytes, 0, 0))
    }

    /// Converts an event to the present event table. The result is in `out` if it is [`Outcome::Converted`].
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

    /// Converts an event by one step, into `out`; returns what to do with the result.
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

    /// Keeps a complete enter event. Returns whether it is delivered; `None` for any other event.
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

    /// Writes the event that follows from the old one; returns what to do with it.
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
        /// The memory per thread besides its event, in bytes.
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
    /// Writes a parameter that the old event does not have. Returns whether it came from the enter event.
    #[inline]
    fn fill(&self, frame: &mut Frame<'_>, enter: Option<Event<'_>>) -> Result<bool> {
        let value = self.enter.and_then(|i| enter?.param(i.into()));
        let fallback = if self.zero { default_value(self.ty) } else { &[] };
        frame.push(value.map_or(fallback, |value| self.cut(value, frame.len_size())))?;
        Ok(value.is_some())
    }

    /// A value, cut to the parameter's largest size; of a number the lower bytes.
    fn cut<'v>(&self, value: &'v [u8], len_size: usize) -> &'v [u8] {
        match fixed_size(self.ty) {
            Some(size) => lower_bytes(value, size.min(value.len())),
            None => {
                let most = if len_size == 4 { u32::MAX as usize } else { u16::MAX.into() };
                &value[..value.len().min(most)]
            }
        }
    }
}

/// Zero, or all ones for uids and gids; empty for types of variable size.
fn default_value(ty: ParamType) -> &'static [u8] {
    match ty {
        ParamType::UID | ParamType::GID => &[0xff; 4],
        _ => &[0; 8][..fixed_size(ty).unwrap_or(0)],
    }
}

/// The JSON parameter of the new container event, made from four parameters of the old one; empty if one is missing.
fn container_json(event: &Event<'_>) -> Vec<u8> {
    let mut params = event.params();
    let (Some(id), Some(ty), Some(name), Some(image)) = (params.next(), params.next(), params.next(), params.next())
    else {
        return Vec::new();
    };
    let Ok(ty) = <[u8; 4]>::try_from(ty).map(u32::from_ne_bytes) else { return Vec::new() };
    let mut json = b"{\"id\":".to_vec();
    push_json_string(&mut json, id);
    json.extend_from_slice(format!(",\"type\":{ty},\"name\":").as_bytes());
    push_json_string(&mut json, name);
    json.extend_from_slice(b",\"image\":");
    push_json_string(&mut json, image);
    json.extend_from_slice(b"}\0");
    if json.len() > u16::MAX.into() { Vec::new() } else { json }
}

/// Appends a string parameter as a JSON string, without its NUL.
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
