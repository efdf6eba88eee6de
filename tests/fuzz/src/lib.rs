//! Shared by the fuzz targets: makes events from arbitrary bytes, and extracts all fields of an event.

pub mod plugins;

use driver::{EVENTS, EventFlags, EventType, ParamType};
use scap_sys::encode::fixed_size;
use scap_sys::engine::{Engine, Status};
use scap_sys::number::lower_bytes;
use scap_sys::{FdDetail, FdInfo, FdType, L4Proto, Result, SystemSink, ThreadInfo};
use sinsp_core::fields::{Field, classes};
use sinsp_core::filter::Factory;
use sinsp_core::format::{Formatter, Output};
use sinsp_core::inspector::{Inspector, Next};
use sinsp_core::{BufferFormat, EventContext};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Takes values from the front of the bytes; zeros after the end.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// Up to `n` bytes.
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub fn u8(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_ne_bytes([self.u8(), self.u8()])
    }

    pub fn u64(&mut self) -> u64 {
        let mut n = [0; 8];
        let taken = self.take(8);
        n[..taken.len()].copy_from_slice(taken);
        u64::from_ne_bytes(n)
    }

    /// An event type.
    pub fn event_type(&mut self) -> EventType {
        EventType(self.u16() % EVENTS.len() as u16)
    }

    /// A tid out of a few.
    pub fn tid(&mut self) -> i64 {
        match self.u8() {
            255 => self.u64() as i64,
            254 => -1,
            n => i64::from(n % 8),
        }
    }
}

/// An event of arbitrary bytes with a valid frame: any type, any number of parameters, most of them with the size of their
/// type.
pub fn event(from: &mut Bytes<'_>, ts: u64) -> Vec<u8> {
    let ty = from.event_type();
    let info = &EVENTS[ty.0 as usize];
    let tid = from.tid();
    let n = match from.u8() {
        n @ 1..=40 => usize::from(n - 1),
        _ => info.params.len(),
    };
    let values: Vec<Vec<u8>> =
        (0..n).map(|i| value(from, info.params.get(i).map_or(ParamType::NONE, |p| p.ty))).collect();
    let wide = info.flags.has(EventFlags::LARGE_PAYLOAD);
    let len = 26 + values.iter().map(|v| v.len() + if wide { 4 } else { 2 }).sum::<usize>();
    let mut out = Vec::with_capacity(len);
    out.extend_from_slice(&ts.to_ne_bytes());
    out.extend_from_slice(&tid.to_ne_bytes());
    out.extend_from_slice(&(len as u32).to_ne_bytes());
    out.extend_from_slice(&ty.0.to_ne_bytes());
    out.extend_from_slice(&(n as u32).to_ne_bytes());
    for v in &values {
        match wide {
            true => out.extend_from_slice(&(v.len() as u32).to_ne_bytes()),
            false => out.extend_from_slice(&(v.len() as u16).to_ne_bytes()),
        }
    }
    out.extend(values.into_iter().flatten());
    out
}

fn value(from: &mut Bytes<'_>, ty: ParamType) -> Vec<u8> {
    match from.u8() {
        // Any bytes.
        0 => {
            let n = from.u8();
            from.take(n.into()).to_vec()
        }
        1 => Vec::new(),
        how => match (fixed_size(ty), ty) {
            // Small numbers, so that threads and fds repeat, or any number.
            (Some(size), _) => {
                let n = match how {
                    2 => from.u64(),
                    3 => -i64::from(from.u8()) as u64,
                    n => u64::from(n) % 12,
                };
                lower_bytes(&n.to_ne_bytes(), size).to_vec()
            }
            (_, ParamType::SOCKADDR | ParamType::SOCKTUPLE) => {
                let (family, len) = match (how % 3, ty) {
                    (0, ParamType::SOCKADDR) => (2, 6),
                    (0, _) => (2, 12),
                    (1, ParamType::SOCKADDR) => (10, 18),
                    (1, _) => (10, 36),
                    _ => (1, usize::from(from.u8())),
                };
                [&[family], from.take(len)].concat()
            }
            (_, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH) => {
                let text = match how {
                    2..=9 => &b"/tmp/../a"[..usize::from(how)],
                    10 => b"<NA>",
                    11 => b"../../x/./y/",
                    n => from.take(n.into()),
                };
                [text, b"\0"].concat()
            }
            _ => from.take(how.into()).to_vec(),
        },
    }
}

/// An engine that delivers the events of a list.
pub struct Listed {
    events: Vec<Vec<u8>>,
    at: usize,
}

impl Listed {
    /// Delivers these events, whose frames must be valid.
    pub fn new(events: Vec<Vec<u8>>) -> Listed {
        Listed { events, at: 0 }
    }
}

impl Engine for Listed {
    fn name(&self) -> &'static str {
        "listed"
    }

    fn next(&mut self) -> Result<Status> {
        if self.at == self.events.len() {
            return Ok(Status::Eof);
        }
        self.at += 1;
        Ok(Status::Event)
    }

    fn bytes(&self) -> &[u8] {
        &self.events[self.at - 1]
    }

    fn origin(&self) -> (u16, u32) {
        (self.at as u16 % 4, 0)
    }
}

/// Reports a few threads, with fds of each type.
pub fn small_system(sink: &mut dyn SystemSink) {
    let (v4, v6) = (Ipv4Addr::new(10, 0, 0, 1), Ipv6Addr::LOCALHOST);
    for tid in 1..6 {
        sink.thread(ThreadInfo {
            tid,
            pid: if tid == 5 { 4 } else { tid },
            ptid: tid - 1,
            comm: b"comm".to_vec(),
            exe: b"exe".to_vec(),
            exepath: b"/bin/exe".to_vec(),
            args: b"-a\0b\0".to_vec(),
            env: b"A=1\0B=\xff\0".to_vec(),
            cwd: b"/home".to_vec(),
            cgroups: b"cpu=/docker/x\0".to_vec(),
            ..ThreadInfo::default()
        });
        let details = [
            (FdType::Fifo, FdDetail::Name(b"pipe:[1]".to_vec())),
            (FdType::FileV2, FdDetail::File { open_flags: 1, name: b"/tmp/\xfe".to_vec(), mount_id: 0, dev: 9 }),
            (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: v4, dip: v4, sport: 1, dport: 65535, proto: L4Proto::Tcp }),
            (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: v6, dip: v6, sport: 3, dport: 4, proto: L4Proto::Udp }),
            (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: v4, port: 80, proto: L4Proto::Tcp }),
            (FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip: v6, port: 81, proto: L4Proto::Udp }),
            (FdType::UnixSock, FdDetail::Unix { source: 1, destination: u64::MAX, name: b"/run/s".to_vec() }),
            (FdType::Directory, FdDetail::Name(b"/etc".to_vec())),
        ];
        for (fd, (ty, detail)) in details.into_iter().enumerate() {
            sink.fd(tid, FdInfo { fd: fd as i64, ino: 100, ty, detail });
        }
    }
}

/// The number of formats among which the fields are distributed.
const FORMATS: usize = 16;

/// Formats that together contain every field.
fn every_field() -> Vec<Formatter> {
    let mut formats = vec![String::from("*"); FORMATS];
    let mut names = 0;
    for info in classes().iter().flat_map(|class| class.fields) {
        for arg in ["", "[0]", "[1]", "[2]", "[3]", "[4]", "[19]", "[PATH]", ".fd", ".open", ".cpu", ".name", "[500]"] {
            let name = format!("{}{arg}", info.name);
            let whole = Field::parse(&name).is_ok_and(|(field, len)| len == name.len() && field.info().extracted());
            if whole && Formatter::new(&Factory::new(), format!("%{name}").as_bytes()).is_ok() {
                formats[names % FORMATS] += &format!(" %{name}");
                names += 1;
            }
        }
    }
    let factory = Factory::new();
    formats.iter().map(|f| Formatter::new(&factory, f.as_bytes()).expect("the names of fields")).collect()
}

/// An inspector with formatters for all fields.
pub struct Watcher {
    /// The inspector, to be opened.
    pub inspector: Inspector,
    formatters: Vec<Formatter>,
    out: Vec<u8>,
}

impl Default for Watcher {
    fn default() -> Watcher {
        Watcher { inspector: Inspector::new(), formatters: every_field(), out: Vec::new() }
    }
}

impl Watcher {
    /// Reads to the end or to an error, which must have a text.
    pub fn watch(&mut self, buffers: u8) {
        use BufferFormat::*;
        let formats = [Dots, Simple, Hex, HexAscii, Lines, LinesCompact, Base64];
        let display = &mut self.inspector.view_mut().display;
        display.buffers = formats[usize::from(buffers) % formats.len()];
        display.max_buffer_text = if buffers & 0x80 == 0 { 80 } else { 0 };
        let mut turn = usize::from(buffers);
        loop {
            match self.inspector.next() {
                Ok(Next::Event) => {
                    let Watcher { inspector, formatters, out } = self;
                    turn += 1;
                    ask(&inspector.current().expect("the event"), &mut formatters[turn % FORMATS], out);
                }
                Ok(Next::Eof) => break,
                Ok(Next::Filtered | Next::Timeout) => {}
                Err(e) => {
                    assert!(!e.to_string().is_empty());
                    break;
                }
            }
        }
        self.inspector.close();
    }
}

fn ask(event: &EventContext<'_>, formatter: &mut Formatter, out: &mut Vec<u8>) {
    out.clear();
    formatter.format(event, Output::Text, out).unwrap();
    formatter.format(event, Output::Json, out).unwrap();
    if let Some(thread) = event.thread {
        for ancestor in event.state.threads.ancestors(thread) {
            ancestor.cmdline(out);
        }
    }
}
