//! The arguments of fields: how each kind is read from the text after a field's name, and what constants beyond its type a field takes.
//!
//! Every reader is given the whole text, for messages, and what follows the name; it answers the argument and how many bytes it took.

use super::Arg;
use crate::{Error, Result};
use driver::{EVENTS, SCS};

type Read = Result<(Arg, usize)>;

/// A parameter of the event: `[0]` or `.name`.
pub fn param_or_number(text: &str, rest: &str) -> Read {
    match bracketed(rest) {
        Some((number, len)) => Ok((Arg::Index(parse_number(number, i32::MIN as i64, i32::MAX as i64)?), len)),
        None => param(text, rest),
    }
}

/// A parameter of the event by its name alone.
pub fn param_by_name(text: &str, rest: &str) -> Read {
    match bracketed(rest) {
        Some(_) => Err(Error::Invalid("evt.arg fields must be expressed explicitly".into())),
        None => param(text, rest),
    }
}

/// A time in nanoseconds since the epoch: `[1404996934793590564]`. Times are unsigned; the bits are kept.
pub fn time(text: &str, rest: &str) -> Read {
    match bracketed(rest) {
        Some((number, len)) => {
            Ok((Arg::Index(number.trim_start().parse::<u64>().map_err(|_| not_a_number(number))? as i64), len))
        }
        None if rest.starts_with('.') => Err(Error::Invalid("wrong syntax for evt.around".into())),
        None => Err(syntax(text)),
    }
}

/// Which of two paths: `.src`, `.dst`, or nothing for either.
pub fn path(_: &str, rest: &str) -> Read {
    Ok(match rest {
        r if r.starts_with(".src") => (Arg::Path(1), 4),
        r if r.starts_with(".dst") => (Arg::Path(2), 4),
        _ => (Arg::Path(0), 0),
    })
}

/// A type of event, by name or code: `.open`, `.3`.
pub fn event_type(text: &str, rest: &str) -> Read {
    let name = rest.strip_prefix('.').ok_or_else(|| syntax(text))?;
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let name = &name[..end];
    let types = match name.parse::<u32>() {
        Ok(code) => Arg::Types(code, u32::MAX),
        Err(_) => match EVENTS.iter().position(|e| e.name == name) {
            Some(code) => Arg::Types(code as u32, code as u32 + 1),
            None => return Err(unknown(text)),
        },
    };
    Ok((types, end + 1))
}

/// A word after a dot: `.memory`.
pub fn word(text: &str, rest: &str) -> Read {
    let name = rest.strip_prefix('.').ok_or_else(|| syntax(text))?;
    let end = name.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(name.len());
    Ok((Arg::Key(name[..end].to_string()), end + 1))
}

/// An fd, or nothing.
pub fn fd_number(_: &str, rest: &str) -> Read {
    Ok(match bracketed(rest) {
        Some((number, len)) => (Arg::Index(parse_number(number, i64::MIN, i64::MAX)?), len),
        None => (Arg::None, 0),
    })
}

/// The name of a variable, the number of an ancestor, or nothing.
pub fn variable(_: &str, rest: &str) -> Read {
    Ok(match bracketed(rest) {
        Some((key, len)) if !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) => {
            (parse_number(key, 0, i32::MAX as i64).map_or(Arg::None, Arg::Index), len)
        }
        Some(("", len)) => (Arg::None, len),
        Some((key, len)) => (Arg::Key(key.to_string()), len),
        None => (Arg::None, 0),
    })
}

/// A number, or nothing: what is no number is not taken as one, and left for the caller to complain about.
pub fn optional_number(rest: &str) -> (Arg, usize) {
    match bracketed(rest).map(|(n, len)| (parse_number(n, i32::MIN as i64, i32::MAX as i64), len)) {
        Some((Ok(-1), len)) => (Arg::None, len),
        Some((Ok(index), len)) => (Arg::Index(index), len),
        _ => (Arg::None, 0),
    }
}

/// Whether an event or a system call has this name.
pub fn event_name(value: &[u8]) -> Result<()> {
    if EVENTS.iter().any(|e| e.name.as_bytes() == value)
        || SCS.iter().any(|s| s.name.is_some_and(|n| n.as_bytes() == value))
    {
        return Ok(());
    }
    Err(Error::Invalid(format!("unknown event type {}", String::from_utf8_lossy(value))))
}

/// The text between brackets at the start of `rest`, and how many bytes they take.
fn bracketed(rest: &str) -> Option<(&str, usize)> {
    let inner = rest.strip_prefix('[')?;
    let end = inner.find(']')?;
    Some((&inner[..end], end + 2))
}

/// The longest parameter name after the dot at the start of `rest`.
fn param(text: &str, rest: &str) -> Read {
    let name = rest.strip_prefix('.').ok_or_else(|| syntax(text))?;
    let mut best: Option<(Arg, usize)> = None;
    for event in EVENTS.iter() {
        for (index, p) in event.params.iter().enumerate() {
            if name.starts_with(p.name) && best.as_ref().is_none_or(|(_, len)| p.name.len() + 1 > *len) {
                best = Some((Arg::Param { event: event.ty, index: index as u8 }, p.name.len() + 1));
            }
        }
    }
    best.ok_or_else(|| Error::Invalid(format!("unknown event argument {name}")))
}

fn parse_number(text: &str, min: i64, max: i64) -> Result<i64> {
    match text.trim_start().parse::<i64>() {
        Ok(n) if (min..=max).contains(&n) => Ok(n),
        _ => Err(not_a_number(text)),
    }
}

fn not_a_number(text: &str) -> Error {
    Error::Invalid(format!("{text} is not a valid number"))
}

fn syntax(text: &str) -> Error {
    Error::Invalid(format!("filter syntax error: {text}"))
}

/// The error of a name that no field has.
pub fn unknown(text: &str) -> Error {
    Error::Invalid(format!("filter_check called with nonexistent field {text}"))
}
