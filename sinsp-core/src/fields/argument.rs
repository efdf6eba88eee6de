//! The arguments of fields: how each kind is read from the text after a field's name, and what constants beyond its type a field takes.
//!
//! Every reader takes the whole text, for messages, and what follows the name; it returns the argument and how many bytes it took. An
//! argument that is there but not acceptable is an error, also where none is needed.

use super::Arg;
use crate::nearest::{field_suggestion, suggestion};
use crate::{Error, Result, async_names};
use driver::{EVENTS, SCS};
use std::fmt::{Arguments, Display};

type Read = Result<(Arg, usize)>;

/// A parameter of the event, by index or name: `[0]` or `.name`.
pub fn param_or_number(text: &str, rest: &str) -> Read {
    match bracketed(text, rest)? {
        Some((number, len)) => Ok((Arg::Index(parse_number(text, number, i32::MIN as i64, i32::MAX as i64)?), len)),
        None => param(text, rest, "the name of a parameter after a dot, or its number in brackets"),
    }
}

/// A parameter of the event, by name only.
pub fn param_by_name(text: &str, rest: &str) -> Read {
    let what = "the name of a parameter after a dot";
    if rest.starts_with('[') { Err(missing(text, rest, what)) } else { param(text, rest, what) }
}

/// A time in nanoseconds since the Unix epoch: `[1404996934793590564]`. It is unsigned and stored bit by bit in the `i64`.
pub fn time(text: &str, rest: &str) -> Read {
    let (number, len) =
        bracketed(text, rest)?.ok_or_else(|| missing(text, rest, "a time in nanoseconds, in brackets"))?;
    let time = number.trim_start().parse::<u64>().map_err(|_| not_a_number(text, number, 0, u64::MAX))?;
    Ok((Arg::Index(time as i64), len))
}

/// One of two paths: `.src`, `.dst`, or nothing for both.
pub fn path(_: &str, rest: &str) -> Read {
    Ok(match rest {
        r if r.starts_with(".src") => (Arg::Path(1), 4),
        r if r.starts_with(".dst") => (Arg::Path(2), 4),
        _ => (Arg::Path(0), 0),
    })
}

/// An event type, by name or code: `.open`, `.3`.
pub fn event_type(text: &str, rest: &str) -> Read {
    let what = "the name or the number of a type of event, after a dot";
    let name = rest.strip_prefix('.').ok_or_else(|| missing(text, rest, what))?;
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let name = &name[..end];
    let types = match name.parse::<u32>() {
        Ok(code) => Arg::Types(code, u32::MAX),
        Err(_) => match EVENTS.iter().position(|e| e.name == name) {
            Some(code) => Arg::Types(code as u32, code as u32 + 1),
            None => return Err(no_field(text, format_args!("there is no type of event '{name}'"))),
        },
    };
    Ok((types, end + 1))
}

/// A word after a dot: `.memory`.
pub fn word(text: &str, rest: &str) -> Read {
    let name = rest.strip_prefix('.').unwrap_or_default();
    let end = name.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(name.len());
    if end == 0 {
        return Err(missing(text, rest, "a name after a dot"));
    }
    Ok((Arg::Key(name[..end].to_string()), end + 1))
}

/// An fd number, or nothing.
pub fn fd_number(text: &str, rest: &str) -> Read {
    number_or_nothing(text, rest, i64::MIN, i64::MAX)
}

/// The name of an environment variable, the number of an ancestor, or nothing.
pub fn variable(text: &str, rest: &str) -> Read {
    Ok(match bracketed(text, rest)? {
        Some((key, len)) if !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) => {
            (Arg::Index(parse_number(text, key, 0, i32::MAX as i64)?), len)
        }
        Some(("", _)) => return Err(wrong(text, format_args!("there is nothing in the brackets"))),
        Some((key, len)) => (Arg::Key(key.to_string()), len),
        None => (Arg::None, 0),
    })
}

/// The number of an ancestor or of an argument, or nothing; -1 goes for nothing.
pub fn optional_number(text: &str, rest: &str) -> Read {
    match number_or_nothing(text, rest, i32::MIN as i64, i32::MAX as i64) {
        Ok((Arg::Index(-1), len)) => Ok((Arg::None, len)),
        Err(why) => Err(Error::Invalid(format!("{NO_FIELD} {why}"))),
        other => other,
    }
}

fn number_or_nothing(text: &str, rest: &str, min: i64, max: i64) -> Read {
    Ok(match bracketed(text, rest)? {
        Some((number, len)) => (Arg::Index(parse_number(text, number, min, max)?), len),
        None => (Arg::None, 0),
    })
}

/// Checks that an event, a system call or an async event of a plugin has this name.
pub fn event_name(value: &[u8]) -> Result<()> {
    if EVENTS.iter().any(|e| e.name.as_bytes() == value)
        || SCS.iter().any(|s| s.name.is_some_and(|n| n.as_bytes() == value))
        || async_names::has(value)
    {
        return Ok(());
    }
    let value = String::from_utf8_lossy(value);
    let names = EVENTS.iter().map(|e| e.name).chain(SCS.iter().filter_map(|s| s.name));
    Err(Error::Invalid(format!("unknown event type {value}{}", suggestion(&value, names))))
}

/// The text between brackets at the start of `rest`, and how many bytes they take; `None` if it starts with no bracket.
fn bracketed<'a>(text: &str, rest: &'a str) -> Result<Option<(&'a str, usize)>> {
    let Some(inner) = rest.strip_prefix('[') else { return Ok(None) };
    match inner.find(']') {
        Some(end) => Ok(Some((&inner[..end], end + 2))),
        None => Err(wrong(text, format_args!("the ']' after the argument is missing"))),
    }
}

/// The longest parameter name after the dot at the start of `rest`.
fn param(text: &str, rest: &str, what: &str) -> Read {
    let name = rest.strip_prefix('.').ok_or_else(|| missing(text, rest, what))?;
    let mut best: Option<(Arg, usize)> = None;
    for event in EVENTS.iter() {
        for (index, p) in event.params.iter().enumerate() {
            if name.starts_with(p.name) && best.as_ref().is_none_or(|(_, len)| p.name.len() + 1 > *len) {
                best = Some((Arg::Param { event: event.ty, index: index as u8 }, p.name.len() + 1));
            }
        }
    }
    best.ok_or_else(|| Error::Invalid(format!("{}: unknown event argument {}", start(text), start(name))))
}

fn parse_number(text: &str, number: &str, min: i64, max: i64) -> Result<i64> {
    match number.trim_start().parse::<i64>() {
        Ok(n) if (min..=max).contains(&n) => Ok(n),
        _ => Err(not_a_number(text, number, min, max)),
    }
}

fn not_a_number(text: &str, number: &str, min: impl Display, max: impl Display) -> Error {
    match number {
        "" => wrong(text, format_args!("there is nothing in the brackets")),
        _ => wrong(text, format_args!("{number} is not a valid number from {min} to {max}")),
    }
}

/// The error of a field without the argument that it needs.
fn missing(text: &str, rest: &str, what: &str) -> Error {
    let field = &text[..text.len() - rest.len()];
    match start(text) {
        alone if alone == field => Error::Invalid(format!("filter syntax error: {field} needs {what}")),
        more => Error::Invalid(format!("filter syntax error: {more}: {field} needs {what}")),
    }
}

fn wrong(text: &str, why: Arguments<'_>) -> Error {
    Error::Invalid(format!("{}: {why}", start(text)))
}

/// The error of an argument that makes the field one that does not exist.
fn no_field(text: &str, why: Arguments<'_>) -> Error {
    Error::Invalid(format!("{NO_FIELD} {}: {why}", start(text)))
}

/// What of a text a message shows: its first word, and of a long one the start.
fn start(text: &str) -> &str {
    let word = text.split_whitespace().next().unwrap_or_default();
    let end = word.char_indices().map(|(at, _)| at).take_while(|at| *at <= 64).last().unwrap_or(0);
    if word.len() <= 64 { word } else { &word[..end] }
}

/// The start of the message about a field that does not exist, which consumers search for.
const NO_FIELD: &str = "filter_check called with nonexistent field";

/// The error for an unknown field name. `others` are names of fields besides those of the table, for a suggestion.
pub fn unknown(text: &str, others: &[String]) -> Error {
    let table = super::classes().iter().flat_map(|class| class.fields).map(|field| field.name);
    let suggestion = field_suggestion(text, table.chain(others.iter().map(String::as_str)));
    Error::Invalid(format!("{NO_FIELD} {text}{suggestion}"))
}
