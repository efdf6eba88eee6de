//! For which kinds of events a filter can hold: an interpretation in three values, true, false and unknown.
//!
//! A check of a field whose value follows from the kind of event ([`Decided`]) is evaluated for every kind. All other checks, and those of
//! transformed fields and of foreign ones, are unknown: they can hold and fail for any event. A junction combines what its parts can do, so that
//! `not` is exact too.

use super::ast::Operator;
use super::cases::{Cases, Outcome};
use super::compare::{Set, Test};
use super::value::Value;
use crate::context::{EventContext, Notes, View};
use crate::fields::{Decided, Field};
use crate::state::State;
use crate::{Extracted, Item};
use driver::{EVENTS, EventFlags, EventInfo, EventType, ParamType, SCS, Sc};
use scap_sys::{Event, encode};
use std::ops::RangeInclusive;

/// The kinds of events for which a part of a filter can hold, and those for which it can fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// Where it can hold.
    pub hold: Cases,
    /// Where it can fail.
    pub fail: Cases,
}

impl Reach {
    /// That of a part of which nothing is known.
    pub const UNKNOWN: Reach = Reach { hold: Cases::ALL, fail: Cases::ALL };
    /// That of a junction `and` without parts.
    pub const TRUE: Reach = Reach { hold: Cases::ALL, fail: Cases::NONE };
    /// That of a junction `or` without parts.
    pub const FALSE: Reach = Reach { hold: Cases::NONE, fail: Cases::ALL };

    /// Both hold.
    pub fn and(self, other: Reach) -> Reach {
        Reach { hold: self.hold.intersection(&other.hold), fail: self.fail.union(&other.fail) }
    }

    /// At least one holds.
    pub fn or(self, other: Reach) -> Reach {
        Reach { hold: self.hold.union(&other.hold), fail: self.fail.intersection(&other.fail) }
    }

    /// It does not hold.
    pub fn negated(self) -> Reach {
        Reach { hold: self.fail, fail: self.hold }
    }

    /// Whether it always holds, or never.
    pub fn is_constant(&self) -> bool {
        self.hold == Cases::NONE || self.fail == Cases::NONE
    }

    /// That of the check `field op constants`, where `test` has the constants.
    pub fn of_check(field: &Field, op: Operator, test: &Test) -> Reach {
        match field.info().decided() {
            Decided::Never => Reach::UNKNOWN,
            _ => Judge::default().all(field, op, test),
        }
    }
}

/// Events that do not say their kind by their type: each has parameters that decide what its name or its source is.
const UNSURE: [EventType; 3] = [EventType::GENERIC_E, EventType::ASYNCEVENT_E, EventType::PLUGINEVENT_E];

/// Whether a check can hold, and whether it can fail.
type Can = (bool, bool);
const BOTH: Can = (true, true);

fn exactly(holds: bool) -> Can {
    (holds, !holds)
}

/// Evaluates checks for events that have no more than their kind.
#[derive(Default)]
struct Judge {
    state: State,
    view: View,
    notes: Notes,
    out: Extracted,
}

impl Judge {
    fn all(&mut self, field: &Field, op: Operator, test: &Test) -> Reach {
        let mut reach = Reach { hold: Cases::NONE, fail: Cases::NONE };
        for info in EVENTS.iter().filter(|info| info.ty != EventType::GENERIC_X) {
            let by_type = field.info().decided() == Decided::ByType;
            let mut last = None;
            for outcome in Outcome::ALL {
                let of = || self.of_type(field, op, test, info, outcome).unwrap_or(BOTH);
                let (hold, fail) = last.filter(|_| by_type).unwrap_or_else(of);
                last = Some((hold, fail));
                if hold {
                    reach.hold.insert(info.ty, outcome);
                }
                if fail {
                    reach.fail.insert(info.ty, outcome);
                }
            }
        }
        for sc in SCS.iter().map(|row| row.sc) {
            let (hold, fail) = self.of_generic(field, op, test, sc).unwrap_or(BOTH);
            if hold {
                reach.hold.insert_generic(sc);
            }
            if fail {
                reach.fail.insert_generic(sc);
            }
        }
        reach
    }

    /// `None`: nothing is known.
    fn of_type(&mut self, field: &Field, op: Operator, test: &Test, info: &EventInfo, at: Outcome) -> Option<Can> {
        if field.info().decided() == Decided::Number {
            return numbered(test);
        }
        if UNSURE.contains(&info.ty) {
            return None;
        }
        let result: &[encode::Value<'_>] = match at {
            Outcome::Succeeded => &[encode::Value::Number(0)],
            Outcome::Failed => &[encode::Value::Number(-1)],
            Outcome::Without => &[],
        };
        match (field.info().decided(), at) {
            (Decided::Never | Decided::Number, _) => None,
            (Decided::ByType, _) => self.evaluated(field, op, test, info.ty, &[]),
            (Decided::ByOutcome, _) | (Decided::Success | Decided::Result, Outcome::Without) => {
                self.evaluated(field, op, test, info.ty, result)
            }
            (Decided::Success, Outcome::Failed) => failed_text(test),
            (Decided::Success, Outcome::Succeeded) => self.evaluated(field, op, test, info.ty, result),
            (Decided::Result, _) => in_range(test, at),
            (Decided::Parameter, _) => match field.position_in(info.ty) {
                None => Some(exactly(false)),
                Some(0) if at != Outcome::Without && is_signed_result(info) && field.ty() == ParamType::ERRNO => {
                    in_range(test, at)
                }
                Some(_) => None,
            },
            (Decided::CreatedFd, Outcome::Failed) if creates_fd(info) => {
                // It is -1, or there is none: the thread may be unknown.
                self.out.clear();
                self.out.push(Item::Int(-1));
                Some((test.holds_for(op, false, &self.out), true))
            }
            (Decided::CreatedFd, _) => None,
        }
    }

    fn of_generic(&mut self, field: &Field, op: Operator, test: &Test, sc: Sc) -> Option<Can> {
        let native = u16::try_from(sc.native().unwrap_or(0)).unwrap_or(0);
        let params = [encode::Value::from(sc.0), encode::Value::from(native)];
        match field.info().decided() {
            Decided::Number => numbered(test),
            // A capture may have a call that was not known when it was written.
            _ if sc.0 == 0 => None,
            Decided::Never | Decided::CreatedFd => None,
            Decided::Parameter if field.position_in(EventType::GENERIC_X).is_some() => None,
            Decided::Parameter => Some(exactly(false)),
            _ => self.evaluated(field, op, test, EventType::GENERIC_X, &params),
        }
    }

    /// The result for an event with these parameters; `None` if there is no such event.
    fn evaluated(
        &mut self,
        field: &Field,
        op: Operator,
        test: &Test,
        ty: EventType,
        params: &[encode::Value<'_>],
    ) -> Option<Can> {
        let bytes = encode::event(0, 1, ty, params).ok()?;
        let event = Event::new(&bytes, 0, 0).ok()?;
        let context = EventContext {
            event,
            info: ty.info()?,
            num: 1,
            state: &self.state,
            thread: None,
            fd: None,
            fd_at: None,
            notes: &self.notes,
            view: &self.view,
        };
        let present = field.extract(&context, &mut self.out);
        Some(exactly(present && test.holds_for(op, false, &self.out)))
    }
}

/// Whether an event is about an fd only if its call succeeded.
fn creates_fd(info: &EventInfo) -> bool {
    info.flags.has(EventFlags::CREATES_FD) && !info.flags.has(EventFlags::USES_FD)
}

/// Whether the first parameter of an event is the result, as a signed number of eight bytes.
fn is_signed_result(info: &EventInfo) -> bool {
    let first = info.params.first().map(|p| p.ty);
    info.ty.is_exit() && matches!(first, Some(ParamType::ERRNO | ParamType::FD | ParamType::PID | ParamType::INT64))
}

/// A test of the name of an error, which is never the text of success.
fn failed_text(test: &Test) -> Option<Can> {
    const SUCCESS: &[u8] = b"SUCCESS";
    let only_success = |set: &Set| matches!(set, Set::Texts { texts, .. } if texts.iter().all(|t| **t == *SUCCESS));
    match test {
        Test::Exists => Some(exactly(true)),
        Test::Never => Some(exactly(false)),
        Test::One(Operator::Eq, Value::Bytes(text)) if **text == *SUCCESS => Some(exactly(false)),
        Test::One(Operator::Ne, Value::Bytes(text)) if **text == *SUCCESS => Some(exactly(true)),
        Test::Member(set) if only_success(set) => Some(exactly(false)),
        Test::NoMember(set) if only_success(set) => Some(exactly(true)),
        _ => None,
    }
}

/// A test of a result.
fn in_range(test: &Test, at: Outcome) -> Option<Can> {
    let int = |n: i64| test.holds(Value::Int(n).datum());
    match at {
        Outcome::Succeeded => among(test, 0..=i64::MAX, int),
        Outcome::Failed => among(test, i64::MIN..=-1, int),
        Outcome::Without => None,
    }
}

/// A test of the number of an event.
fn numbered(test: &Test) -> Option<Can> {
    among(test, 1..=i64::MAX, |n| test.holds(Value::Uint(n.cast_unsigned()).datum()))
}

/// A test of numbers in a range. Between its constants it has the same result for all of them, so that one of each part suffices.
fn among(test: &Test, range: RangeInclusive<i64>, holds: impl Fn(i64) -> bool) -> Option<Can> {
    let mut samples = vec![*range.start(), *range.end()];
    if !add_constants(test, &mut samples) {
        return None;
    }
    let near = samples.iter().flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]);
    let (mut hold, mut fail) = (false, false);
    for n in near.filter(|n| range.contains(n)) {
        let holds = holds(n);
        (hold, fail) = (hold || holds, fail || !holds);
    }
    Some((hold, fail))
}

/// Adds the constants of a test of numbers; `false` for other tests.
fn add_constants(test: &Test, out: &mut Vec<i64>) -> bool {
    match test {
        Test::Exists | Test::Never => {}
        Test::One(_, Value::Int(n)) => out.push(*n),
        Test::One(_, Value::Uint(n)) => out.push(i64::try_from(*n).unwrap_or(i64::MAX)),
        Test::Member(Set::Numbers(numbers)) | Test::NoMember(Set::Numbers(numbers)) => {
            out.extend(numbers.iter().map(|n| n.cast_signed()));
        }
        Test::Several(_, tests) => return tests.iter().all(|test| add_constants(test, out)),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests;
