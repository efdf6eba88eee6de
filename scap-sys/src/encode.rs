//! Encodes events from typed parameters, which are checked against the event table.
//!
//! ```
//! use driver::EventType;
//! use scap_sys::{Event, encode::{self, Value}};
//! let bytes = encode::event(1, 42, EventType::SYSCALL_UNLINK_2_X, &[0i64.into(), "/tmp/x".into()])?;
//! assert_eq!(Event::new(&bytes, 0, 0)?.param(1), Some(&b"/tmp/x\0"[..]));
//! # Ok::<(), scap_sys::Error>(())
//! ```

use crate::number::lower_bytes;
use crate::{Error, Event, HEADER_LEN, Result};
use driver::{EventFlags, EventType, ParamInfo, ParamType};

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// An empty parameter.
    Null,
    /// A number, for parameters of a fixed size. It must fit that size, as a signed or as an unsigned number.
    Number(i128),
    /// A string without its NUL, for parameters that end with a NUL.
    Text(&'a [u8]),
    /// Raw bytes, for parameters of any size.
    Bytes(&'a [u8]),
}

macro_rules! numbers {
    ($($int:ty),*) => {$(
        impl From<$int> for Value<'_> {
            fn from(n: $int) -> Self {
                Value::Number(n.into())
            }
        }
    )*};
}
numbers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl<'a> From<&'a str> for Value<'a> {
    fn from(s: &'a str) -> Self {
        Value::Text(s.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(b: &'a [u8]) -> Self {
        Value::Bytes(b)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(b: &'a [u8; N]) -> Self {
        Value::Bytes(b)
    }
}

/// The size of a parameter type in bytes; `None` for types of variable size.
pub const fn fixed_size(ty: ParamType) -> Option<usize> {
    use ParamType as P;
    match ty {
        P::INT8 | P::UINT8 | P::FLAGS8 | P::ENUMFLAGS8 | P::SIGTYPE | P::L4PROTO | P::SOCKFAMILY => Some(1),
        P::INT16 | P::UINT16 | P::FLAGS16 | P::ENUMFLAGS16 | P::SYSCALLID | P::PORT => Some(2),
        P::INT32 | P::UINT32 | P::FLAGS32 | P::ENUMFLAGS32 | P::UID | P::GID | P::MODE | P::SIGSET => Some(4),
        P::FD32 | P::PID32 | P::BOOL | P::IPV4ADDR => Some(4),
        P::INT64 | P::UINT64 | P::RELTIME | P::ABSTIME | P::ERRNO | P::FD | P::PID | P::DOUBLE => Some(8),
        _ => None,
    }
}

/// Encodes an event of type `ty`. `params` may be shorter than in the event table.
///
/// `ts` is in nanoseconds since the Unix epoch; `tid` is -1 if there is no thread.
pub fn event(ts: u64, tid: i64, ty: EventType, params: &[Value<'_>]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    event_into(&mut out, ts, tid, ty, params)?;
    Ok(out)
}

/// As [`event`], appended to `out`. On an error `out` keeps its length.
pub fn event_into(out: &mut Vec<u8>, ts: u64, tid: i64, ty: EventType, params: &[Value<'_>]) -> Result<()> {
    let info = ty.info().ok_or_else(|| Error::Invalid(format!("there is no event of type {}", ty.0)))?;
    if params.len() > info.params.len() {
        return Err(Error::Invalid(format!(
            "{} has {} parameters, not {}",
            info.enum_name,
            info.params.len(),
            params.len()
        )));
    }
    let len = out.len();
    let mut frame = Frame::start(out, ts, tid, ty, params.len());
    for (value, param) in params.iter().zip(info.params) {
        if let Err(e) = write(&mut frame, *value, param) {
            out.truncate(len);
            return Err(Error::Invalid(format!("{}.{}: {e}", info.enum_name, param.name)));
        }
    }
    frame.finish()
}

fn write(frame: &mut Frame<'_>, value: Value<'_>, param: &ParamInfo) -> Result<()> {
    let size = fixed_size(param.ty);
    let invalid = |what: String| Err(Error::Invalid(what));
    match (value, size) {
        (Value::Null, _) => frame.push(&[]),
        (Value::Number(n), Some(size)) => {
            let bits = 8 * size as u32;
            if n < -(1 << (bits - 1)) || n >= 1 << bits {
                return invalid(format!("{n} does not fit {size} bytes"));
            }
            frame.push(lower_bytes(&n.to_ne_bytes(), size))
        }
        (Value::Number(_), None) => invalid("a number for a parameter of varying length".into()),
        (Value::Bytes(b), Some(size)) if b.len() != size => invalid(format!("{} bytes, not {size}", b.len())),
        (Value::Bytes(b), _) => frame.push(b),
        (Value::Text(t), None) => frame.push_text(t),
        (Value::Text(_), Some(_)) => invalid("a string for a number".into()),
    }
}

/// An event that is being written to a buffer: header and length array exist, the parameters are appended one by one.
pub(crate) struct Frame<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    len_size: usize,
    next_len: usize,
}

impl<'a> Frame<'a> {
    /// Starts an event at the end of `out`.
    #[inline]
    pub fn start(out: &'a mut Vec<u8>, ts: u64, tid: i64, ty: EventType, nparams: usize) -> Frame<'a> {
        let large = ty.info().is_some_and(|i| i.flags.has(EventFlags::LARGE_PAYLOAD));
        let len_size = if large { 4 } else { 2 };
        let start = out.len();
        let mut header = [0; HEADER_LEN];
        header[..8].copy_from_slice(&ts.to_ne_bytes());
        header[8..16].copy_from_slice(&tid.to_ne_bytes());
        header[20..22].copy_from_slice(&ty.0.to_ne_bytes());
        header[22..].copy_from_slice(&(nparams as u32).to_ne_bytes());
        out.extend_from_slice(&header);
        let next_len = out.len();
        out.resize(next_len + nparams * len_size, 0);
        Frame { out, start, len_size, next_len }
    }

    /// Starts an event with a copy of `event`'s header and parameters, and room for `nparams` parameters.
    #[inline]
    pub fn extend(out: &'a mut Vec<u8>, event: &Event<'_>, nparams: usize) -> Frame<'a> {
        let (bytes, len_size, n) = (event.bytes(), event.len_size(), event.nparams() as usize);
        let start = out.len();
        let lens = HEADER_LEN + n * len_size;
        let end = lens + event.params_len();
        out.reserve(end + (nparams - n) * (len_size + 8));
        out.extend_from_slice(&bytes[..lens]);
        out[start + 22..start + HEADER_LEN].copy_from_slice(&(nparams as u32).to_ne_bytes());
        let next_len = out.len();
        out.resize(next_len + (nparams - n) * len_size, 0);
        out.extend_from_slice(&bytes[lens..end]);
        Frame { out, start, len_size, next_len }
    }

    /// The size of one parameter length, in bytes.
    pub fn len_size(&self) -> usize {
        self.len_size
    }

    /// Appends a parameter.
    #[inline]
    pub fn push(&mut self, value: &[u8]) -> Result<()> {
        self.length(value.len())?;
        self.out.extend_from_slice(value);
        Ok(())
    }

    /// Appends a string parameter, with its NUL.
    pub fn push_text(&mut self, text: &[u8]) -> Result<()> {
        self.length(text.len() + 1)?;
        self.out.extend_from_slice(text);
        self.out.push(0);
        Ok(())
    }

    #[inline]
    fn length(&mut self, len: usize) -> Result<()> {
        let at = self.next_len;
        if self.len_size == 2 {
            let len = u16::try_from(len).map_err(|_| too_long(len, u16::MAX.into()))?;
            self.out[at..at + 2].copy_from_slice(&len.to_ne_bytes());
        } else {
            let len = u32::try_from(len).map_err(|_| too_long(len, u32::MAX as usize))?;
            self.out[at..at + 4].copy_from_slice(&len.to_ne_bytes());
        }
        self.next_len += self.len_size;
        Ok(())
    }

    /// Writes the event's length into its header.
    pub fn finish(self) -> Result<()> {
        debug_assert!(self.out.len() >= self.start + HEADER_LEN);
        let len = self.out.len() - self.start;
        match u32::try_from(len) {
            Ok(len) => {
                self.out[self.start + 16..self.start + 20].copy_from_slice(&len.to_ne_bytes());
                Ok(())
            }
            Err(_) => {
                self.out.truncate(self.start);
                Err(Error::Invalid(format!("an event of {len} bytes")))
            }
        }
    }
}

#[cold]
fn too_long(len: usize, most: usize) -> Error {
    Error::Invalid(format!("a parameter of {len} bytes, where {most} is the most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_the_sizes_of_their_types() {
        let e = event(7, -1, EventType::SYSCALL_OPEN_X, &[(-2i64).into(), "/etc/x".into(), 1u32.into()]).unwrap();
        let e = Event::new(&e, 0, 0).unwrap();
        assert_eq!((e.ts(), e.tid(), e.nparams()), (7, -1, 3));
        assert_eq!(e.params().collect::<Vec<_>>(), [&(-2i64).to_ne_bytes()[..], b"/etc/x\0", &1u32.to_ne_bytes()]);
    }

    #[test]
    fn a_null_value_is_an_empty_parameter() {
        let e = event(0, 1, EventType::SYSCALL_UNLINK_2_X, &[0i64.into(), Value::Null]).unwrap();
        assert_eq!(Event::new(&e, 0, 0).unwrap().param(1), Some(&b""[..]));
    }

    #[test]
    fn large_events_have_lengths_of_four_bytes() {
        let data = vec![7u8; 100_000];
        let e = event(1, 1, EventType::PLUGINEVENT_E, &[3u32.into(), data[..].into()]).unwrap();
        let e = Event::new(&e, 0, 0).unwrap();
        assert_eq!(e.len_size(), 4);
        assert_eq!(e.param(1), Some(&data[..]));
    }

    #[test]
    fn the_first_parameter_is_found_either_way() {
        let none: &[Value<'_>] = &[];
        for (ty, params) in [
            (EventType::SYSCALL_UNLINK_2_X, &[(-2i64).into(), "/x".into()][..]),
            (EventType::SYSCALL_UNLINK_2_X, &[Value::Null, "/x".into()]),
            (EventType::SYSCALL_UNLINK_2_X, &[0i64.into()]),
            (EventType::PLUGINEVENT_E, &[3u32.into(), (&[7u8; 9]).into()]),
            (EventType::SCHEDSWITCH_6_E, none),
        ] {
            let e = event(1, 1, ty, params).unwrap();
            let e = Event::new(&e, 0, 0).unwrap();
            assert_eq!(e.first_param(), e.param(0), "{params:?}");
            assert_eq!(e.first_param().is_some(), !params.is_empty());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_leaves_nothing() {
        let ty = EventType::SYSCALL_OPEN_X;
        let long = vec![b'a'; 70_000];
        let bad: [&[Value<'_>]; 6] = [
            &[0i64.into(), 5u64.into()],
            &["fd".into()],
            &[(1u64 << 63).into(), (&long[..]).into()],
            &[0i64.into(), "n".into(), (1u64 << 32).into()],
            &[(&[0u8; 4]).into()],
            &[Value::Null; 7],
        ];
        for params in bad {
            let mut out = vec![1, 2, 3];
            assert!(event_into(&mut out, 0, 0, ty, params).is_err(), "{params:?}");
            assert_eq!(out, [1, 2, 3]);
        }
        assert!(event(0, 0, EventType(60_000), &[]).is_err());
    }
}
