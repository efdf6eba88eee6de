//! What the filters and formats of one inspector have in common: each field and each transformed field once, with its values for
//! the current event, and each check once, with its result.
//!
//! A value is computed at most once an event however many filters ask for it. Nothing is cleared between events: every cache holds
//! the number of the event it was computed for.

use super::ast::Operator;
use super::test::{Test, fields_hold};
use super::transform::{Options, Transform, join};
use super::value::datum;
use crate::fields::{Comparison, Field};
use crate::format::render;
use crate::{EventContext, Extracted, Item};
use driver::{Format, ParamType};
use hashbrown::HashMap;

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
            Source::Field(_) | Source::Candidates(_) | Source::Text(_) => None,
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
    pub name: &'static str,
    /// Whether they can be compared with another field.
    pub comparable_with_fields: bool,
    /// Whether transformers can be applied to them.
    pub transformable: bool,
}

#[derive(Debug)]
struct Values {
    source: Source,
    shape: Shape,
    /// The event that they were computed for.
    computed_for: u64,
    present: bool,
    out: Extracted,
}

/// What values are compared with.
#[derive(Debug)]
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
}

#[derive(Debug)]
struct Check {
    left: ValueId,
    op: Operator,
    right: Right,
    comparison: Comparison,
    computed_for: u64,
    holds: bool,
}

/// The shared values and checks of several filters and formats.
#[derive(Debug, Default)]
pub struct Graph {
    values: Vec<Values>,
    checks: Vec<Check>,
    /// The checks by what they compare.
    by_key: HashMap<Box<[u8]>, CheckId>,
    /// The number that caches of the current event bear; 0 before the first.
    current: u64,
    /// The number and time of the current event.
    event: (u64, u64),
}

impl Graph {
    /// The place of values, which are added if they are not there yet.
    pub fn value(&mut self, source: Source, shape: Shape) -> ValueId {
        if let Some(i) = self.values.iter().position(|v| v.source == source) {
            return ValueId(i as u32);
        }
        self.values.push(Values { source, shape, computed_for: 0, present: false, out: Extracted::default() });
        ValueId(self.values.len() as u32 - 1)
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
        self.checks.push(Check { left, op, right, comparison, computed_for: 0, holds: false });
        let id = CheckId(self.checks.len() as u32 - 1);
        self.by_key.insert(key, id);
        id
    }

    /// How many values and checks there are.
    pub fn len(&self) -> (usize, usize) {
        (self.values.len(), self.checks.len())
    }

    /// Has to be called before anything is asked about an event. Events that bear no number are never taken for the same.
    #[inline]
    pub fn begin(&mut self, event: &EventContext<'_>) {
        let this = (event.num, event.event.ts());
        if this != self.event || event.num == 0 {
            self.event = this;
            self.current += 1;
        }
    }

    /// The values for the event, if there are any.
    pub fn extract(&mut self, id: ValueId, event: &EventContext<'_>) -> Option<&Extracted> {
        self.present(id, event).then(|| &self.values[id.0 as usize].out)
    }

    fn present(&mut self, id: ValueId, event: &EventContext<'_>) -> bool {
        let i = id.0 as usize;
        if self.values[i].computed_for == self.current {
            return self.values[i].present;
        }
        let present = self.compute(i, event);
        let values = &mut self.values[i];
        values.computed_for = self.current;
        values.present = present;
        present
    }

    fn compute(&mut self, i: usize, event: &EventContext<'_>) -> bool {
        let mut n = 0;
        while let Some(part) = self.values[i].source.part(n) {
            if !self.present(part, event) {
                return false;
            }
            n += 1;
        }
        // What values are made of lies before them.
        let (before, rest) = self.values.split_at_mut(i);
        let Values { source, out, .. } = &mut rest[0];
        let of = |id: &ValueId| &before[id.0 as usize];
        let first_text = |id: &ValueId| {
            let out = &of(id).out;
            out.items().first().map_or(&b""[..], |item| out.text(item))
        };
        match source {
            Source::Field(field) => field.extract(event, out),
            Source::Candidates(field) => match field.comparison() {
                Comparison::AnyCandidate => field.candidates(event, out),
                _ => field.extract(event, out),
            },
            Source::Text(text) => {
                out.clear();
                out.push_text(text);
                true
            }
            Source::Digits(number) => {
                let Values { out: values, shape, .. } = of(number);
                out.clear();
                let Some(item) = values.items().first() else { return false };
                let mut shown = false;
                out.build_text(|text| {
                    shown = render::text(values, item, shape.ty, shape.format, event.view, text);
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
    pub fn holds(&mut self, id: CheckId, event: &EventContext<'_>) -> bool {
        let check = &self.checks[id.0 as usize];
        if check.computed_for == self.current {
            return check.holds;
        }
        let holds = self.compare(id, event);
        let check = &mut self.checks[id.0 as usize];
        check.computed_for = self.current;
        check.holds = holds;
        holds
    }

    fn compare(&mut self, id: CheckId, event: &EventContext<'_>) -> bool {
        let check = &self.checks[id.0 as usize];
        let (left, op, comparison) = (check.left, check.op, check.comparison);
        if op == Operator::Exists && comparison == Comparison::Ends {
            let Values { source: Source::Candidates(field), out, .. } = &mut self.values[left.0 as usize] else {
                return false;
            };
            let exists = field.exists(event, out);
            // Its values were overwritten.
            self.values[left.0 as usize].computed_for = 0;
            return exists;
        }
        let right = match check.right {
            Right::Values(id) => Some(id),
            Right::Constants(_) => None,
            Right::Around { time, distance } => {
                let now = event.event.ts();
                return (now.wrapping_sub(distance)..=now.wrapping_add(distance)).contains(&time);
            }
        };
        if !self.present(left, event) || right.is_some_and(|right| !self.present(right, event)) {
            return false;
        }
        let Values { shape, out, .. } = &self.values[left.0 as usize];
        match &self.checks[id.0 as usize].right {
            Right::Values(right) => fields_hold(op, shape.list, out, &self.values[right.0 as usize].out),
            Right::Constants(test) => {
                let mut each = out.items().iter().map(|item| test.holds(datum(out, item)));
                match comparison {
                    Comparison::AnyCandidate => each.any(|holds| holds),
                    Comparison::Ends if op == Operator::Ne => !out.is_empty() && each.all(|holds| holds),
                    Comparison::Ends => each.any(|holds| holds),
                    Comparison::Values | Comparison::Around => test.holds_for(op, shape.list, out),
                }
            }
            Right::Around { .. } => false,
        }
    }
}
