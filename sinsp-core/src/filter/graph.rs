//! What the filters and formats of one inspector have in common: each field and each transformed field once, with its values for
//! the current event, and each check once, with its result.
//!
//! A value is computed at most once an event however many filters ask for it. Nothing is cleared between events: every cache holds
//! the stamp of what it was computed for, and is good while the graph's stamp is the same. There is a stamp for what comes from the
//! event alone and one for what comes from the state too, which moves on with every call while others hold threads or fds that they
//! may write, and both move on with the event and with the epoch of the state.

use super::ast::Operator;
use super::compare::{Test, fields_hold};
use super::transform::{Options, Transform, join};
use crate::fields::{Comparison, Field, Foreign, ForeignCheck, Reads};
use crate::format::render;
use crate::{Display, EventContext, Extracted, Item, Result};
use driver::{Format, ParamType};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::rc::Rc;

/// The place of values in a [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValueId(u32);

/// The place of a check in a [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CheckId(u32);

/// Where values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A field.
    Field(Field),
    /// What filters compare a field by, where that is something else than its value.
    Candidates(Field),
    /// A field of others.
    Foreign(Foreign),
    /// A constant text.
    Text(Box<[u8]>),
    /// A number as text.
    Digits(ValueId),
    /// All values of several.
    List(Box<[ValueId]>),
    /// Transformed values.
    Transformed(Transform, ValueId),
    /// Texts of a list, as one, with a separator.
    Join(ValueId, ValueId),
    /// Texts one after the other.
    Concat(Box<[ValueId]>),
    /// Options of a command line: arguments, letters, and which option alone is wanted.
    Options(ValueId, ValueId, Option<u8>),
}

impl Source {
    /// The `n`-th of the values that it is made of.
    fn part(&self, n: usize) -> Option<ValueId> {
        match self {
            Source::Field(_) | Source::Candidates(_) | Source::Foreign(_) | Source::Text(_) => None,
            Source::Digits(a) | Source::Transformed(_, a) => (n == 0).then_some(*a),
            Source::Join(a, b) | Source::Options(a, b, _) => [*a, *b].get(n).copied(),
            Source::List(parts) | Source::Concat(parts) => parts.get(n).copied(),
        }
    }
}

/// What is known of values without an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Their type.
    pub ty: ParamType,
    /// Whether they are a list.
    pub list: bool,
    /// How a number is printed.
    pub format: Format,
    /// The name of the field that they come from, or of what stands for one.
    pub name: Cow<'static, str>,
    /// Whether they can be compared with another field.
    pub comparable_with_fields: bool,
    /// Whether transformers can be applied to them.
    pub transformable: bool,
}

#[derive(Debug)]
struct Values {
    source: Source,
    shape: Shape,
    reads: Reads,
    /// How many users they have beside checks and other values.
    users: u32,
    /// The stamp that they were computed for.
    computed_for: u64,
    present: bool,
    out: Extracted,
}

/// What values are compared with.
pub enum Right {
    /// Constants.
    Constants(Test),
    /// Other values.
    Values(ValueId),
    /// Not with the left side, but the event's time with another: it is at most so many nanoseconds away.
    Around {
        /// The other time.
        time: u64,
        /// How far.
        distance: u64,
    },
    /// Not with the values of the left side: a check of others decides.
    Foreign(Rc<dyn ForeignCheck>),
}

impl std::fmt::Debug for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Right::Constants(test) => f.debug_tuple("Constants").field(test).finish(),
            Right::Values(id) => f.debug_tuple("Values").field(id).finish(),
            Right::Around { time, distance } => f.debug_tuple("Around").field(time).field(distance).finish(),
            Right::Foreign(_) => f.write_str("Foreign"),
        }
    }
}

/// A question cannot be answered before code of others has run, which needs the graph to be let go of first: [`Graph::take_pending`]
/// has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspended;

type Answer = std::result::Result<bool, Suspended>;

/// Code of others that a question waits for.
enum Pending {
    Values(ValueId),
    Check(CheckId),
}

/// The same, taken out of the graph to be run.
pub enum Work {
    /// Values to extract, and the memory that they go to.
    Values(ValueId, Foreign, Extracted),
    /// A check to make.
    Check(CheckId, Rc<dyn ForeignCheck>),
}

/// What a question that was interrupted was about.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    subject: Subject,
    stamps: Stamps,
}

impl Work {
    /// Does it.
    ///
    /// # Errors
    /// What the code of others failed with.
    pub fn run(&mut self, event: &EventContext<'_>) -> Result<bool> {
        match self {
            Work::Values(_, field, out) => {
                out.clear();
                field.code().extract(event, out)
            }
            Work::Check(_, check) => check.holds(event),
        }
    }
}

#[derive(Debug)]
struct Check {
    left: ValueId,
    op: Operator,
    right: Right,
    comparison: Comparison,
    reads: Reads,
    /// How many filters have it; nobody's place is free.
    users: u32,
    key: Box<[u8]>,
    computed_for: u64,
    holds: bool,
}

/// The stamps of valid caches, by what they come from.
#[derive(Debug, Clone, Copy, Default)]
struct Stamps {
    event: u64,
    state: u64,
}

impl Stamps {
    #[inline]
    fn of(&self, reads: Reads) -> u64 {
        match reads {
            Reads::Event => self.event,
            Reads::State => self.state,
        }
    }
}

/// What tells an event in its surroundings from any other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Subject {
    /// Twice the event's number, and one more once the parsers are done with it; 0 for events of which nothing is kept.
    event: u64,
    /// The epoch of the state, which moves on when a capture is opened and numbers start anew.
    epoch: u64,
}

/// The shared values and checks of several filters and formats.
#[derive(Default)]
pub struct Graph {
    values: Vec<Values>,
    checks: Vec<Check>,
    /// The checks by what they compare.
    by_key: HashMap<Box<[u8]>, CheckId>,
    /// The last stamp that was used; 0 before the first.
    last_stamp: u64,
    /// The stamps that valid caches bear, by what their values come from.
    stamps: Stamps,
    /// What was asked about last.
    subject: Subject,
    /// What the last question that was suspended waits for.
    pending: Option<Pending>,
    /// How many questions wait for code of others, which asked the next.
    pub depth: u32,
    /// How many compilers are at work, whose values nobody uses yet.
    pub compilers: u32,
    /// Whether something may be there that nobody uses.
    has_waste: bool,
    free_values: Vec<ValueId>,
    free_checks: Vec<CheckId>,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("size", &self.len()).finish_non_exhaustive()
    }
}

impl Graph {
    /// The place of values, which are added if they are not there yet.
    pub fn value(&mut self, source: Source, shape: Shape) -> ValueId {
        let known = self.values.iter().position(|v| v.source == source).map(|i| ValueId(i as u32));
        if let Some(id) = known.filter(|id| !self.free_values.contains(id)) {
            return id;
        }
        let reads = self.reads_of(&source);
        let values =
            Values { source, shape, reads, users: 0, computed_for: 0, present: false, out: Extracted::default() };
        match self.free_values.pop() {
            Some(id) => {
                self.values[id.0 as usize] = values;
                id
            }
            None => {
                self.values.push(values);
                ValueId(self.values.len() as u32 - 1)
            }
        }
    }

    /// What values come from.
    fn reads_of(&self, source: &Source) -> Reads {
        match source {
            Source::Field(field) | Source::Candidates(field) => field.reads(),
            Source::Foreign(_) => Reads::State,
            _ => {
                let mut parts = (0..).map_while(|n| source.part(n));
                match parts.any(|part| self.values[part.0 as usize].reads == Reads::State) {
                    true => Reads::State,
                    false => Reads::Event,
                }
            }
        }
    }

    /// What is known of values without an event.
    pub fn shape(&self, id: ValueId) -> &Shape {
        &self.values[id.0 as usize].shape
    }

    /// Where values come from.
    pub fn source(&self, id: ValueId) -> &Source {
        &self.values[id.0 as usize].source
    }

    /// The check that was added with `key`, if there is one.
    pub fn find_check(&self, key: &[u8]) -> Option<CheckId> {
        self.by_key.get(key).copied()
    }

    /// Adds a check, to be found by `key`.
    pub fn add_check(
        &mut self,
        left: ValueId,
        op: Operator,
        right: Right,
        comparison: Comparison,
        key: Box<[u8]>,
    ) -> CheckId {
        let of = |id: ValueId| self.values[id.0 as usize].reads;
        let reads = match right {
            Right::Values(right) if of(right) == Reads::State => Reads::State,
            _ => of(left),
        };
        let check =
            Check { left, op, right, comparison, reads, users: 0, key: key.clone(), computed_for: 0, holds: false };
        let id = match self.free_checks.pop() {
            Some(id) => {
                self.checks[id.0 as usize] = check;
                id
            }
            None => {
                self.checks.push(check);
                CheckId(self.checks.len() as u32 - 1)
            }
        };
        self.by_key.insert(key, id);
        id
    }

    /// How many values and checks there are.
    pub fn len(&self) -> (usize, usize) {
        (self.values.len() - self.free_values.len(), self.checks.len() - self.free_checks.len())
    }

    /// Counts one more user of a check.
    pub fn keep_check(&mut self, id: CheckId) {
        self.checks[id.0 as usize].users += 1;
    }

    /// Counts one user of a check less.
    pub fn drop_check(&mut self, id: CheckId) {
        self.checks[id.0 as usize].users -= 1;
        self.has_waste = true;
    }

    /// Counts one more user of values.
    pub fn keep_values(&mut self, id: ValueId) {
        self.values[id.0 as usize].users += 1;
    }

    /// Counts one user of values less.
    pub fn drop_values(&mut self, id: ValueId) {
        self.values[id.0 as usize].users -= 1;
        self.has_waste = true;
    }

    /// Says that values or checks may have been added that nobody uses.
    pub fn note_waste(&mut self) {
        self.has_waste = true;
    }

    /// Frees the places of the checks and values that nobody uses.
    pub fn sweep(&mut self) {
        if self.compilers > 0 || !std::mem::take(&mut self.has_waste) {
            return;
        }
        self.free_checks.clear();
        let mut used = vec![false; self.values.len()];
        let mut left: Vec<ValueId> = Vec::new();
        for (i, check) in self.checks.iter_mut().enumerate() {
            if check.users > 0 {
                left.push(check.left);
                left.extend(if let Right::Values(right) = check.right { Some(right) } else { None });
                continue;
            }
            self.free_checks.push(CheckId(i as u32));
            if self.by_key.get(&check.key) == Some(&CheckId(i as u32)) {
                self.by_key.remove(&check.key);
            }
            check.right = Right::Constants(Test::Never);
            check.key = Box::default();
        }
        left.extend((0..self.values.len() as u32).map(ValueId).filter(|id| self.values[id.0 as usize].users > 0));
        while let Some(id) = left.pop() {
            if !std::mem::replace(&mut used[id.0 as usize], true) {
                left.extend((0..).map_while(|n| self.values[id.0 as usize].source.part(n)));
            }
        }
        self.free_values.clear();
        for (i, values) in self.values.iter_mut().enumerate().filter(|(i, _)| !used[*i]) {
            self.free_values.push(ValueId(i as u32));
            values.source = Source::Text(Box::default());
            values.out = Extracted::default();
        }
    }

    /// Has to be called before anything is asked about an event. Events that bear no number are never taken for the same.
    #[inline]
    pub fn begin(&mut self, event: &EventContext<'_>) {
        let keeps = event.num != 0 && !event.notes.transient;
        let number = if keeps { event.num << 1 | u64::from(event.notes.complete) } else { 0 };
        let this = Subject { event: number, epoch: event.state.epoch() };
        if this != self.subject || !keeps {
            self.subject = this;
            self.last_stamp += 1;
            self.stamps = Stamps { event: self.last_stamp, state: self.last_stamp };
        } else if event.state.threads.exposed() > 0 {
            // Someone may have written a thread or an fd since the last call.
            self.last_stamp += 1;
            self.stamps.state = self.last_stamp;
        }
    }

    /// Takes out what the question that was just suspended waits for, and notes what it was about.
    pub fn take_pending(&mut self) -> Option<(Work, Mark)> {
        let mark = Mark { subject: self.subject, stamps: self.stamps };
        let work = match self.pending.take()? {
            Pending::Values(id) => {
                let Values { source: Source::Foreign(field), out, .. } = &mut self.values[id.0 as usize] else {
                    return None;
                };
                Work::Values(id, field.clone(), std::mem::take(out))
            }
            Pending::Check(id) => match &self.checks[id.0 as usize].right {
                Right::Foreign(check) => Work::Check(id, check.clone()),
                _ => return None,
            },
        };
        Some((work, mark))
    }

    /// Goes on with a question: what it waited for is done, unless it failed.
    pub fn resume(&mut self, work: Work, mark: Mark, answer: Option<bool>) {
        (self.subject, self.stamps) = (mark.subject, mark.stamps);
        let stamp = answer.map_or(0, |_| self.stamps.state);
        match work {
            Work::Values(id, field, out) => {
                // Nobody else can have taken the place: who waits uses it.
                let values = &mut self.values[id.0 as usize];
                if values.source == Source::Foreign(field) {
                    (values.out, values.present, values.computed_for) = (out, answer == Some(true), stamp);
                }
            }
            Work::Check(id, code) => {
                let check = &mut self.checks[id.0 as usize];
                if matches!(&check.right, Right::Foreign(own) if Rc::ptr_eq(own, &code)) {
                    (check.holds, check.computed_for) = (answer == Some(true), stamp);
                }
            }
        }
    }

    /// The values that [`Graph::present`] found.
    #[inline]
    pub fn extracted(&self, id: ValueId) -> &Extracted {
        &self.values[id.0 as usize].out
    }

    /// Finds the values for the event; answers whether there are any.
    pub fn present(&mut self, id: ValueId, event: &EventContext<'_>) -> Answer {
        let i = id.0 as usize;
        let stamp = self.stamps.of(self.values[i].reads);
        if self.values[i].computed_for == stamp {
            return Ok(self.values[i].present);
        }
        let present = self.compute(i, event)?;
        let values = &mut self.values[i];
        values.computed_for = stamp;
        values.present = present;
        Ok(present)
    }

    fn compute(&mut self, i: usize, event: &EventContext<'_>) -> Answer {
        let Values { source, out, .. } = &mut self.values[i];
        match source {
            Source::Field(field) => return Ok(field.extract(event, out)),
            Source::Candidates(field) => {
                return Ok(match field.comparison() {
                    Comparison::AnyCandidate => field.candidates(event, out),
                    _ => field.extract(event, out),
                });
            }
            Source::Foreign(_) => {
                self.pending = Some(Pending::Values(ValueId(i as u32)));
                return Err(Suspended);
            }
            Source::Text(text) => {
                out.clear();
                out.push_text(text);
                return Ok(true);
            }
            _ => {}
        }
        let mut n = 0;
        while let Some(part) = self.values[i].source.part(n) {
            if !self.present(part, event)? {
                return Ok(false);
            }
            n += 1;
        }
        let mut taken = std::mem::take(&mut self.values[i].out);
        let present = self.combine(&self.values[i].source, &mut taken);
        self.values[i].out = taken;
        Ok(present)
    }

    /// Puts into `out` what `source` makes of other values, which are computed already.
    fn combine(&self, source: &Source, out: &mut Extracted) -> bool {
        let of = |id: &ValueId| &self.values[id.0 as usize];
        let first_text = |id: &ValueId| {
            let out = &of(id).out;
            out.items().first().map_or(&b""[..], |item| out.text(item))
        };
        match source {
            Source::Field(_) | Source::Candidates(_) | Source::Foreign(_) | Source::Text(_) => false,
            Source::Digits(number) => {
                let Values { out: values, shape, .. } = of(number);
                out.clear();
                let Some(item) = values.items().first() else { return false };
                let mut shown = false;
                out.build_text(|text| {
                    shown = render::text(values, item, shape.ty, shape.format, Display::NORMAL, text);
                });
                shown
            }
            Source::List(parts) => {
                out.clear();
                for part in parts.iter() {
                    let values = &of(part).out;
                    for item in values.items() {
                        match item {
                            Item::Bytes { .. } => out.push_text(values.text(item)),
                            other => out.push(*other),
                        }
                    }
                }
                true
            }
            Source::Transformed(transform, inner) => transform.apply(of(inner).shape.list, &of(inner).out, out),
            Source::Join(separator, list) => {
                join(first_text(separator), &of(list).out, out);
                true
            }
            Source::Concat(parts) => {
                out.clear();
                out.build_text(|text| parts.iter().for_each(|part| text.extend_from_slice(first_text(part))));
                true
            }
            Source::Options(args, letters, only) => Options::new(first_text(letters)).apply(&of(args).out, *only, out),
        }
    }

    /// Whether a check holds for the event.
    #[inline]
    pub fn holds(&mut self, id: CheckId, event: &EventContext<'_>) -> Answer {
        let check = &self.checks[id.0 as usize];
        let stamp = self.stamps.of(check.reads);
        if check.computed_for == stamp {
            return Ok(check.holds);
        }
        let holds = self.compare(id, event)?;
        let check = &mut self.checks[id.0 as usize];
        check.computed_for = stamp;
        check.holds = holds;
        Ok(holds)
    }

    fn compare(&mut self, id: CheckId, event: &EventContext<'_>) -> Answer {
        let check = &self.checks[id.0 as usize];
        let (left, op, comparison) = (check.left, check.op, check.comparison);
        if op == Operator::Exists && comparison == Comparison::Ends {
            let Values { source: Source::Candidates(field), out, .. } = &mut self.values[left.0 as usize] else {
                return Ok(false);
            };
            let exists = field.exists(event, out);
            // Its values were overwritten.
            self.values[left.0 as usize].computed_for = 0;
            return Ok(exists);
        }
        let right = match check.right {
            Right::Values(id) => Some(id),
            Right::Constants(_) => None,
            Right::Around { time, distance } => {
                let now = event.event.ts();
                return Ok((now.wrapping_sub(distance)..=now.wrapping_add(distance)).contains(&time));
            }
            Right::Foreign(_) => {
                self.pending = Some(Pending::Check(id));
                return Err(Suspended);
            }
        };
        if !self.present(left, event)? {
            return Ok(false);
        }
        if let Some(right) = right
            && !self.present(right, event)?
        {
            return Ok(false);
        }
        let Values { shape, out, .. } = &self.values[left.0 as usize];
        Ok(match &self.checks[id.0 as usize].right {
            Right::Values(right) => fields_hold(op, shape.list, out, &self.values[right.0 as usize].out),
            Right::Constants(test) => match comparison {
                Comparison::Values | Comparison::Around => test.holds_for(op, shape.list, out),
                Comparison::AnyCandidate | Comparison::Ends => test.holds_for_candidates(comparison, op, out),
            },
            Right::Around { .. } | Right::Foreign(_) => false,
        })
    }
}
