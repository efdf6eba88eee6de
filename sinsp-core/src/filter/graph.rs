//! The values and checks that the filters and formats of a factory share: each field, each transformed field and each check
//! exists once.
//!
//! A value is computed at most once per event. Caches are not cleared: each has the stamp of its computation and is valid
//! while the graph has the same stamp. The graph has one stamp for values that depend on the event alone and one for those
//! that also depend on the state. Both change with the event and with the epoch of the state. The second also changes with
//! every call while objects outside the core hold threads or fds, because these can be written at any time.

use super::ast::Operator;
use super::compare::{Test, fields_hold};
use super::ids::{CheckId, ValueId};
use super::reach::Reach;
use super::stamps::{Outcome, Stamps};
use super::suspend::{Answer, Mark, Pending, Subject, Suspended, Work};
use super::transform::{Options, Transform, join};
use crate::context::Moment;
use crate::fields::{Comparison, Field, FieldInfo, Foreign, ForeignCheck, Reads};
use crate::format::render;
use crate::resolver::Names;
use crate::{Display, EventContext, Extracted, Item};
use driver::{Format, ParamType};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

/// The origin of values.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A field.
    Field(Field),
    /// The candidates of a field ([`Comparison::AnyCandidate`]).
    Candidates(Field),
    /// A foreign field.
    Foreign(Foreign),
    /// A constant text.
    Text(Box<[u8]>),
    /// A number converted to text.
    Digits(ValueId),
    /// The concatenated lists of values.
    List(Box<[ValueId]>),
    /// Transformed values.
    Transformed(Transform, ValueId),
    /// The texts of a list, joined with a separator: separator, list.
    Join(ValueId, ValueId),
    /// Concatenated texts.
    Concat(Box<[ValueId]>),
    /// Options of a command line: arguments, letters, and the only option to return.
    Options(ValueId, ValueId, Option<u8>),
}

impl Source {
    /// The `n`-th of the values that it depends on.
    fn part(&self, n: usize) -> Option<ValueId> {
        match self {
            Source::Field(_) | Source::Candidates(_) | Source::Foreign(_) | Source::Text(_) => None,
            Source::Digits(a) | Source::Transformed(_, a) => (n == 0).then_some(*a),
            Source::Join(a, b) | Source::Options(a, b, _) => [*a, *b].get(n).copied(),
            Source::List(parts) | Source::Concat(parts) => parts.get(n).copied(),
        }
    }
}

/// The static description of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Their type.
    pub ty: ParamType,
    /// Whether they are a list.
    pub list: bool,
    /// The print format of numbers.
    pub format: Format,
    /// The name of the field that they come from, or a placeholder.
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
    /// The number of extractors that use them, besides checks and other values.
    users: u32,
    computed_for: u64,
    present: bool,
    out: Extracted,
}

/// The right-hand side of a check.
pub enum Right {
    /// Constants.
    Constants(Test),
    /// Other values.
    Values(ValueId),
    /// The event's time is at most `distance` nanoseconds from `time`; the left side is not used.
    Around {
        /// Nanoseconds since the Unix epoch.
        time: u64,
        /// In nanoseconds.
        distance: u64,
    },
    /// The addresses of names, with one of which the left side, an address, is compared, or with none.
    Names {
        /// The names.
        names: Names,
        /// Whether the address must have none of them.
        negated: bool,
    },
    /// A foreign check decides; the values of the left side are not used.
    Foreign(Rc<dyn ForeignCheck>),
}

impl std::fmt::Debug for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Right::Constants(test) => f.debug_tuple("Constants").field(test).finish(),
            Right::Values(id) => f.debug_tuple("Values").field(id).finish(),
            Right::Around { time, distance } => f.debug_tuple("Around").field(time).field(distance).finish(),
            Right::Names { names, negated } => f.debug_tuple("Names").field(names).field(negated).finish(),
            Right::Foreign(_) => f.write_str("Foreign"),
        }
    }
}

#[derive(Debug)]
struct Check {
    left: ValueId,
    op: Operator,
    right: Right,
    comparison: Comparison,
    /// The number of filters that use it. The next sweep frees the slot of a check without users.
    users: u32,
    key: Box<[u8]>,
    /// Once a compiler has asked for it.
    reach: OnceCell<Rc<Reach>>,
}

/// The shared values and checks of filters and formats.
#[derive(Default)]
pub struct Graph {
    values: Vec<Values>,
    checks: Vec<Check>,
    /// One for each of the checks.
    outcomes: Vec<Outcome>,
    by_key: HashMap<Box<[u8]>, CheckId>,
    /// The last stamp that was assigned; 0 before the first.
    last_stamp: u64,
    stamps: Stamps,
    subject: Subject,
    /// What the last suspended evaluation waits for.
    pending: Option<Pending>,
    /// The nesting depth of evaluations that wait for foreign code.
    pub depth: u32,
    /// The number of running compilers, whose new values have no users yet.
    pub compilers: u32,
    /// Whether there may be values or checks without users.
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
    /// The index of values, which are added if they do not exist.
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

    fn reads_of(&self, source: &Source) -> Reads {
        match source {
            Source::Field(field) | Source::Candidates(field) => field.reads(),
            Source::Foreign(_) => Reads::State,
            _ => {
                let parts = (0..).map_while(|n| source.part(n));
                parts.map(|part| self.values[part.0 as usize].reads).max().unwrap_or(Reads::Event)
            }
        }
    }

    /// The static description of values.
    pub fn shape(&self, id: ValueId) -> &Shape {
        &self.values[id.0 as usize].shape
    }

    /// The origin of values.
    pub fn source(&self, id: ValueId) -> &Source {
        &self.values[id.0 as usize].source
    }

    /// The check with this key, if it exists.
    pub fn find_check(&self, key: &[u8]) -> Option<CheckId> {
        self.by_key.get(key).copied()
    }

    /// For which kinds of events a check can hold, and its field, if it compares the values of a field with constants.
    pub fn reach(&self, id: CheckId) -> Option<(Rc<Reach>, &'static FieldInfo)> {
        let check = &self.checks[id.0 as usize];
        let (Source::Field(field), Right::Constants(test)) = (self.source(check.left), &check.right) else {
            return None;
        };
        let reach = check.reach.get_or_init(|| Rc::new(Reach::of_check(field, check.op, test)));
        Some((reach.clone(), field.info()))
    }

    /// Adds a check under a key.
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
            Right::Values(right) => of(left).max(of(right)),
            _ => of(left),
        };
        let check = Check { left, op, right, comparison, users: 0, key: key.clone(), reach: OnceCell::new() };
        let outcome = Outcome { computed_for: 0, reads, holds: false };
        let id = match self.free_checks.pop() {
            Some(id) => {
                self.checks[id.0 as usize] = check;
                self.outcomes[id.0 as usize] = outcome;
                id
            }
            None => {
                self.checks.push(check);
                self.outcomes.push(outcome);
                CheckId(self.checks.len() as u32 - 1)
            }
        };
        self.by_key.insert(key, id);
        id
    }

    /// What the result of a check depends on; `None` if that can change at any time: foreign code, and the addresses of names.
    pub fn reads(&self, id: CheckId) -> Option<Reads> {
        let Check { left, right, .. } = &self.checks[id.0 as usize];
        let foreign = match right {
            Right::Values(right) => self.has_foreign(*right),
            Right::Foreign(_) | Right::Names { .. } => true,
            Right::Constants(_) | Right::Around { .. } => false,
        };
        (!foreign && !self.has_foreign(*left)).then(|| self.outcomes[id.0 as usize].reads)
    }

    fn has_foreign(&self, id: ValueId) -> bool {
        let source = self.source(id);
        matches!(source, Source::Foreign(_)) || (0..).map_while(|n| source.part(n)).any(|part| self.has_foreign(part))
    }

    /// The number of values and checks.
    pub fn len(&self) -> (usize, usize) {
        (self.values.len() - self.free_values.len(), self.checks.len() - self.free_checks.len())
    }

    /// Adds a user of a check.
    pub fn keep_check(&mut self, id: CheckId) {
        self.checks[id.0 as usize].users += 1;
    }

    /// Removes a user of a check.
    pub fn drop_check(&mut self, id: CheckId) {
        self.checks[id.0 as usize].users -= 1;
        self.has_waste = true;
    }

    /// Adds a user of values.
    pub fn keep_values(&mut self, id: ValueId) {
        self.values[id.0 as usize].users += 1;
    }

    /// Removes a user of values.
    pub fn drop_values(&mut self, id: ValueId) {
        self.values[id.0 as usize].users -= 1;
        self.has_waste = true;
    }

    /// Notes that there may be values or checks without users.
    pub fn note_waste(&mut self) {
        self.has_waste = true;
    }

    /// Frees the values and checks without users.
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
            check.reach = OnceCell::new();
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

    /// Must be called before each evaluation. Results of events without a number are never kept.
    #[inline]
    pub fn begin(&mut self, moment: &Moment) {
        let this = Subject::of(moment);
        if this != self.subject || this.is_transient() {
            self.subject = this;
            self.last_stamp += 1;
            self.stamps = Stamps { event: self.last_stamp, state: self.last_stamp };
        } else if moment.exposed {
            // An object outside the core may have changed since the last call.
            self.last_stamp += 1;
            self.stamps.state = self.last_stamp;
        }
    }

    /// Takes the work of the suspended evaluation, with its event and stamps.
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

    /// Stores the result of the work; `None` means that the foreign code failed.
    pub fn resume(&mut self, work: Work, mark: Mark, answer: Option<bool>) {
        (self.subject, self.stamps) = (mark.subject, mark.stamps);
        let stamp = answer.map_or(0, |_| self.stamps.state);
        match work {
            Work::Values(id, field, out) => {
                // The slot still belongs to these values, because the waiting evaluation uses them.
                let values = &mut self.values[id.0 as usize];
                if values.source == Source::Foreign(field) {
                    (values.out, values.present, values.computed_for) = (out, answer == Some(true), stamp);
                }
            }
            Work::Check(id, code) => {
                if matches!(&self.checks[id.0 as usize].right, Right::Foreign(own) if Rc::ptr_eq(own, &code)) {
                    let outcome = &mut self.outcomes[id.0 as usize];
                    (outcome.holds, outcome.computed_for) = (answer == Some(true), stamp);
                }
            }
        }
    }

    /// Asks for the positions of values in the event, from their next extraction on.
    pub fn locate(&mut self, id: ValueId) {
        let values = &mut self.values[id.0 as usize];
        if !values.out.is_located() {
            values.out.locate();
            // What is computed has no positions.
            values.computed_for = 0;
        }
    }

    /// The values after [`Graph::present`].
    #[inline]
    pub fn extracted(&self, id: ValueId) -> &Extracted {
        &self.values[id.0 as usize].out
    }

    /// Computes the values for the event; returns whether there are any.
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
                    Comparison::AnyCandidate | Comparison::Named => field.candidates(event, out),
                    _ => field.extract(event, out),
                });
            }
            Source::Foreign(field) => {
                if field.code().at_once() {
                    out.clear();
                    out.set_as_is(true);
                    if let Ok(present) = field.code().extract(event, out) {
                        return Ok(present);
                    }
                    // It is asked again outside the graph, which returns its error.
                }
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

    /// Writes the values that `source` makes from other values, which are computed already.
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
                out.set_as_is(of(list).out.is_as_is());
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

    /// Whether a check holds, if that was evaluated already.
    #[inline]
    pub fn known(&self, id: CheckId) -> Option<bool> {
        let known = self.outcomes[id.0 as usize];
        (known.computed_for == self.stamps.of(known.reads)).then_some(known.holds)
    }

    /// Whether a check holds for the event.
    #[inline]
    pub fn holds(&mut self, id: CheckId, event: &EventContext<'_>) -> Answer {
        let known = self.outcomes[id.0 as usize];
        let stamp = self.stamps.of(known.reads);
        if known.computed_for == stamp {
            return Ok(known.holds);
        }
        let holds = self.compare(id, event)?;
        self.outcomes[id.0 as usize] = Outcome { computed_for: stamp, holds, ..known };
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
            // `exists` has overwritten the values.
            self.values[left.0 as usize].computed_for = 0;
            return Ok(exists);
        }
        let right = match check.right {
            Right::Values(id) => Some(id),
            Right::Constants(_) | Right::Names { .. } => None,
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
                Comparison::Values | Comparison::Around | Comparison::Named => test.holds_for(op, shape.list, out),
                Comparison::AnyCandidate | Comparison::Ends => test.holds_for_candidates(comparison, op, out),
            },
            Right::Names { names, negated } => match out.items().first() {
                Some(Item::Ip(ip)) => names.have(*ip) != *negated,
                _ => false,
            },
            Right::Around { .. } | Right::Foreign(_) => false,
        })
    }
}
