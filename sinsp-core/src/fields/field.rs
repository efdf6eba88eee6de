//! A field with its argument, as in a filter or format.

use super::info::Compared;
use super::{Class, FieldFlags, FieldInfo, Reads, argument, classes, fd, process};
use crate::context::Display;
use crate::state::State;
use crate::{EventContext, Extracted, Item, Result};
use driver::{EVENTS, EventType, Format, ParamInfo, ParamType};
use hashbrown::HashMap;
use std::cell::RefCell;

/// The argument of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    /// No argument.
    None,
    /// A number in brackets: `proc.aname[2]`, `evt.arg[0]`, `evt.around[1404996934793590564]`.
    Index(i64),
    /// A name, in brackets or after a dot: `proc.env[PATH]`, `thread.cgroup.memory`.
    Key(String),
    /// A parameter's name after a dot: `evt.arg.fd`.
    Param {
        /// The first event type that has a parameter of this name.
        event: EventType,
        /// The parameter's index in that type.
        index: u8,
    },
    /// Event codes: `evt.type.is.open`. The second code may be out of range.
    Types(u32, u32),
    /// One of two paths: 0 both, 1 the source, 2 the target (`evt.abspath.dst`).
    Path(u8),
}

/// The way a filter compares a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The values of [`Field::extract`].
    Values,
    /// Each of [`Field::candidates`]: the check holds if it holds for one of them, for any operator.
    AnyCandidate,
    /// Both ends of a connection, from [`Field::extract`]: `!=` must hold for both, other operators for one. `exists` uses
    /// [`Field::exists`].
    Ends,
    /// `evt.around[T] = D`: the event's time, from [`Field::extract`], is at most D milliseconds from the T in
    /// [`Arg::Index`]; unsigned arithmetic. Only `=` is allowed.
    Around,
    /// The names of an address, which is that of [`Field::candidates`]: `=`, `!=` and `in` look up the addresses of the constants. `exists` uses
    /// [`Field::extract`].
    Named,
}

/// A field with its argument, as filters compare it or, by [`Field::shown`], as it is shown. Two of them are equal if they yield the
/// same for every event.
#[derive(Debug, Clone)]
pub struct Field {
    info: &'static FieldInfo,
    arg: Arg,
    /// For [`Arg::Param`], the index of the parameter by event code; `NOWHERE` for events without it.
    positions: Box<[u8]>,
    /// Whether its texts have the form that the consumer chose.
    shown: bool,
    pub(super) memory: RefCell<Memory>,
}

const NOWHERE: u8 = u8::MAX;

/// The data that stateful fields keep between events.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// The time of the previous event.
    pub last_ts: u64,
    /// The time of the last scheduler switch, by CPU.
    pub switches: Vec<u64>,
    /// A sum or the last value, by tid.
    threads: HashMap<i64, u64>,
}

impl Memory {
    /// Changes the value of a thread, initially 0; returns the value before and after.
    pub fn of_thread(&mut self, tid: i64, state: &State, change: impl FnOnce(u64) -> u64) -> (u64, u64) {
        // Once there may be more entries than threads, those of missing threads are removed.
        if self.threads.len() >= 2 * state.threads.len().max(64) {
            self.threads.retain(|&tid, _| state.threads.get(tid).is_some());
        }
        let value = self.threads.entry(tid).or_default();
        let before = std::mem::replace(value, 0);
        *value = change(before);
        (before, *value)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        std::ptr::eq(self.info, other.info) && self.arg == other.arg && self.shown == other.shown && !self.remembers()
    }
}

impl Field {
    /// Reads a field's name and argument from the start of `text`; says how many bytes it took.
    ///
    /// The longest name that fits counts. Whether something may follow is for the caller to say: formats allow it, filters do not.
    ///
    /// # Errors
    /// `text` begins with no field, or lacks an argument that the field needs, or the argument is not acceptable. A bracket after the
    /// name of a field that can have an argument begins one.
    pub fn parse(text: &str) -> Result<(Field, usize)> {
        match Field::named_by(text) {
            Some(info) => Field::parse_arg(info, text),
            None => Err(argument::unknown(text, &[])),
        }
    }

    /// The row of the field whose name begins `text`; the longest name counts.
    pub fn named_by(text: &str) -> Option<&'static FieldInfo> {
        let longest =
            |class: &Class| class.fields.iter().filter(|f| text.starts_with(f.name)).max_by_key(|f| f.name.len());
        classes().iter().find_map(longest)
    }

    /// As [`Field::parse`], for the fields of one class; `None` if no field's name matches. The first result is the field's
    /// position in the class.
    ///
    /// # Errors
    /// As [`Field::parse`].
    pub fn parse_in(class: &Class, text: &str) -> Option<Result<(usize, Field, usize)>> {
        let fields = class.fields.iter().enumerate().filter(|(_, f)| text.starts_with(f.name));
        let (i, info) = fields.max_by_key(|(_, f)| f.name.len())?;
        Some(Field::parse_arg(info, text).map(|(field, len)| (i, field, len)))
    }

    fn parse_arg(info: &'static FieldInfo, text: &str) -> Result<(Field, usize)> {
        let rest = &text[info.name.len()..];
        let (arg, len) = match info.rules.argument {
            Some(read) => read(text, rest)?,
            None if info.flags.has(FieldFlags::ARG_ALLOWED) => argument::optional_number(text, rest)?,
            None => (Arg::None, 0),
        };
        let positions = match arg {
            Arg::Param { event, index } => {
                let name = EVENTS[event.0 as usize].params[index as usize].name;
                EVENTS.iter().map(|e| e.param_index(name).map_or(NOWHERE, |i| i as u8)).collect()
            }
            _ => Box::default(),
        };
        Ok((Field { info, arg, positions, shown: false, memory: RefCell::default() }, info.name.len() + len))
    }

    /// The field as it is shown: its texts have the form that the consumer chose, see [`Display`].
    pub fn shown(self) -> Field {
        Field { shown: self.info.rules.displayed, ..self }
    }

    /// The form of data in its texts.
    pub(super) fn display(&self, event: &EventContext<'_>) -> Display {
        if self.shown { event.view.display } else { Display::NORMAL }
    }

    /// Its entry in the field table.
    #[inline]
    pub fn info(&self) -> &'static FieldInfo {
        self.info
    }

    /// Its argument.
    #[inline]
    pub fn arg(&self) -> &Arg {
        &self.arg
    }

    /// The type of its values. For `evt.rawarg` it is that of the first parameter with this name; other events may have
    /// another type, see [`Field::type_for`].
    pub fn ty(&self) -> ParamType {
        match (self.info.ty, &self.arg) {
            (ParamType::DYN, Arg::Param { event, index }) => EVENTS[event.0 as usize].params[*index as usize].ty,
            (ty, _) => ty,
        }
    }

    /// The type and print format of its values for this event.
    pub fn type_for(&self, event: &EventContext<'_>) -> (ParamType, Format) {
        match self.info.ty {
            ParamType::DYN => self.param_of(event).map_or((self.ty(), Format::NA), |p| (p.ty, p.format)),
            ty => (ty, self.info.format),
        }
    }

    fn param_of(&self, event: &EventContext<'_>) -> Option<&'static ParamInfo> {
        event.info.params.get(self.param_position(event)?)
    }

    /// The index of the parameter that the argument names, in this event.
    pub(super) fn param_position(&self, event: &EventContext<'_>) -> Option<usize> {
        self.position_in(event.info.ty)
    }

    /// The index of the parameter that the argument names, in events of this type.
    pub fn position_in(&self, ty: EventType) -> Option<usize> {
        match self.arg {
            Arg::Index(i) => usize::try_from(i).ok(),
            _ => self.positions.get(ty.0 as usize).filter(|&&p| p != NOWHERE).map(|&p| p as usize),
        }
    }

    /// The way filters compare it.
    pub fn comparison(&self) -> Comparison {
        match self.info.rules.compared {
            Compared::Ends => Comparison::Ends,
            Compared::Around => Comparison::Around,
            Compared::Named(_) => Comparison::Named,
            Compared::Ancestors(_) if self.arg == Arg::None => Comparison::AnyCandidate,
            Compared::Ancestors(_) | Compared::Values => Comparison::Values,
        }
    }

    /// Whether its values depend on previous events. Each user of such a field needs its own instance, and must extract it
    /// exactly once per event.
    pub fn remembers(&self) -> bool {
        self.info.rules.remembers
    }

    /// The origin of its values. Values that depend on previous events count as [`Reads::Event`]: once extracted they are
    /// valid for the event, whatever happens to the state.
    pub fn reads(&self) -> Reads {
        if self.remembers() { Reads::Event } else { self.info.rules.reads }
    }

    /// Writes its values for `event` to `out`, which is cleared first; returns whether the event has the field. Only a list
    /// can exist without values.
    ///
    /// Texts may be invalid UTF-8; the caller has to convert them for display.
    pub fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> bool {
        out.clear();
        self.info.extract.is_some_and(|extract| extract(self, event, out).is_some())
    }

    /// As [`Field::extract`], with the first value alone, which is returned; a text is appended to the buffer of `out`. If the event does not have
    /// the field, the buffer may have a part of a text.
    #[inline]
    pub(crate) fn append(&self, event: &EventContext<'_>, out: &mut Extracted) -> Option<Item> {
        let start = out.buffer().len();
        out.forget();
        self.info.extract?(self, event, out)?;
        let item = *out.items().first()?;
        if let (Item::Bytes { len, .. }, [_, _, ..]) = (item, out.items()) {
            out.buffer().truncate(start + len as usize);
        }
        Some(item)
    }

    /// For [`Comparison::AnyCandidate`]: writes all candidates to `out`, which is cleared first. For [`Comparison::Named`]: writes the address.
    pub fn candidates(&self, event: &EventContext<'_>, out: &mut Extracted) -> bool {
        out.clear();
        match self.info.rules.compared {
            Compared::Ancestors(of) if self.arg == Arg::None => process::ancestor_candidates(event, of, out).is_some(),
            Compared::Named(address) => address(self, event, out).is_some(),
            _ => false,
        }
    }

    /// Whether the event has the field, for the operator `exists`.
    pub fn exists(&self, event: &EventContext<'_>, scratch: &mut Extracted) -> bool {
        match self.comparison() {
            Comparison::Ends => fd::known(event).is_some(),
            _ => self.extract(event, scratch),
        }
    }

    /// Checks that it may be compared with `value`, beyond what its type requires.
    ///
    /// # Errors
    /// For `evt.type`, no event and no system call has this name.
    pub fn check_value(&self, value: &[u8]) -> Result<()> {
        self.info.rules.check_value.map_or(Ok(()), |check| check(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (&'static str, Arg, usize) {
        let (field, len) = Field::parse(text).unwrap();
        (field.info().name, field.arg().clone(), len)
    }

    #[test]
    fn the_longest_name_counts() {
        assert_eq!(parse("proc.pid"), ("proc.pid", Arg::None, 8));
        assert_eq!(parse("proc.pid.ts x"), ("proc.pid.ts", Arg::None, 11));
        assert_eq!(parse("evt.count.error.file"), ("evt.count.error.file", Arg::None, 20));
        assert_eq!(parse("evt.args"), ("evt.args", Arg::None, 8));
        assert_eq!(parse("thread.cgroups"), ("thread.cgroups", Arg::None, 14));
    }

    #[test]
    fn arguments() {
        assert_eq!(parse("proc.aname[2] and"), ("proc.aname", Arg::Index(2), 13));
        assert_eq!(parse("proc.aname"), ("proc.aname", Arg::None, 10));
        assert_eq!(parse("proc.aexepath[1]"), ("proc.aexepath", Arg::Index(1), 16));
        assert_eq!(parse("proc.env[PATH]"), ("proc.env", Arg::Key("PATH".into()), 14));
        assert_eq!(parse("thread.cgroup.memory=x"), ("thread.cgroup", Arg::Key("memory".into()), 20));
        assert_eq!(parse("evt.arg[0]"), ("evt.arg", Arg::Index(0), 10));
        assert_eq!(parse("fd.types[3]"), ("fd.types", Arg::Index(3), 11));
        assert_eq!(parse("evt.type.is.3 x"), ("evt.type.is", Arg::Types(3, u32::MAX), 13));
        assert_eq!(parse("evt.abspath.dst"), ("evt.abspath", Arg::Path(2), 15));
        let (name, arg, len) = parse("evt.rawarg.res != 0");
        assert_eq!((name, len), ("evt.rawarg", 14));
        assert!(matches!(arg, Arg::Param { .. }));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| Field::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("evt.arg = x"),
            "filter syntax error: evt.arg needs the name of a parameter after a dot, or its number in brackets"
        );
        assert_eq!(error("evt.arg.zzz"), "evt.arg.zzz: unknown event argument zzz");
        assert_eq!(error("evt.arg[x]"), "evt.arg[x]: x is not a valid number from -2147483648 to 2147483647");
        assert_eq!(error("thread.cgroup"), "filter syntax error: thread.cgroup needs a name after a dot");
        for (text, cause) in [
            ("evt.arg[4294967296]", "4294967296 is not a valid number"),
            ("evt.arg[", "the ']' after the argument is missing"),
            ("evt.rawarg[0]", "needs the name of a parameter"),
            ("evt.around", "needs a time"),
            ("evt.around[-1]", "-1 is not a valid number from 0 to 18446744073709551615"),
            ("evt.type.is", "needs the name or the number of a type of event"),
            ("evt.type.is.nosuch x", "there is no type of event 'nosuch'"),
            ("thread.cgroup.", "needs a name after a dot"),
            ("proc.aname[x]", "x is not a valid number"),
            ("proc.aname[]", "there is nothing in the brackets"),
            ("proc.aname[1", "the ']' after the argument is missing"),
            ("proc.apid[4294967296]", "4294967296 is not a valid number"),
            ("proc.args[x]", "x is not a valid number"),
            ("proc.aenv[4294967296]", "4294967296 is not a valid number from 0 to 2147483647"),
            ("proc.env[]", "there is nothing in the brackets"),
            ("proc.env[HOME", "the ']' after the argument is missing"),
            ("fd.types[x]", "x is not a valid number"),
            ("fd.types[99999999999999999999]", "99999999999999999999 is not a valid number"),
        ] {
            let error = error(text);
            let word = text.split(' ').next().unwrap();
            assert!(error.contains(word) && error.contains(cause), "{text}: {error}");
        }
        assert_eq!(error("proc.nothing"), "filter_check called with nonexistent field proc.nothing");
    }

    #[test]
    fn the_table_has_every_field_in_its_place() {
        let sizes: Vec<_> = classes().iter().map(|c| (c.name, c.fields.len())).collect();
        assert_eq!(
            sizes,
            [
                ("evt", 18),
                ("evt", 58),
                ("process", 90),
                ("user", 6),
                ("group", 2),
                ("fd", 46),
                ("fs.path", 6),
                ("fdlist", 6)
            ]
        );
        let mut names: Vec<_> = classes().iter().flat_map(|c| c.fields).map(|f| f.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 232);
        let rawarg = Field::parse("evt.rawarg.fd").unwrap().0;
        assert_eq!((rawarg.info().ty, rawarg.ty()), (ParamType::DYN, ParamType::FD));
    }
}
