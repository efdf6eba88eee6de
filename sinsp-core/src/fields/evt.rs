//! The `evt` fields.

use super::param_text::{self, Param, until_nul};
use super::{Arg, Field, time_text};
use crate::context::{Display, OutputTime};
use crate::parsers::Args;
use crate::state::{UNKNOWN_DIR, path};
use crate::{EventContext, Extracted, Item};
use driver::{Category, EventFlags, EventType, ParamType, SCS, Sc, flags};
use scap_sys::FdType;

type Event<'a> = EventContext<'a>;

const SECOND: u64 = 1_000_000_000;

fn uint(value: u64, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(value));
    Some(())
}

fn truth(value: bool, out: &mut Extracted) -> Option<()> {
    out.push(Item::Bool(value));
    Some(())
}

fn text(value: &[u8], out: &mut Extracted) -> Option<()> {
    out.push_text(value);
    Some(())
}

pub fn num(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.num, out)
}

pub fn time(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| time_text::time_of_day(e.event.ts(), true, o));
    Some(())
}

pub fn output_time(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let ts = e.event.ts();
    let since = match e.view.output_time {
        OutputTime::TimeOfDay => return time(field, e, out),
        OutputTime::Epoch => ts,
        OutputTime::SinceFirst => ts.wrapping_sub(e.view.first_ts),
        OutputTime::SinceEnter => 0,
        OutputTime::SincePrevious => delta(field, e),
    };
    out.build_text(|o| time_text::seconds(since, o));
    Some(())
}

pub fn time_s(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| time_text::time_of_day(e.event.ts(), false, o));
    Some(())
}

pub fn time_iso8601(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| time_text::iso8601(e.event.ts(), o));
    Some(())
}

pub fn datetime(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| time_text::date_time(e.event.ts(), true, o));
    Some(())
}

pub fn datetime_s(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| time_text::date_time(e.event.ts(), false, o));
    Some(())
}

pub fn rawtime(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.event.ts(), out)
}

pub fn rawtime_s(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.event.ts() / SECOND, out)
}

pub fn rawtime_ns(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.event.ts() % SECOND, out)
}

fn since_first(e: &Event<'_>) -> u64 {
    e.event.ts().wrapping_sub(e.view.first_ts)
}

pub fn reltime(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(since_first(e), out)
}

pub fn reltime_s(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(since_first(e) / SECOND, out)
}

pub fn reltime_ns(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(since_first(e) % SECOND, out)
}

/// Plugins name the source of their events; all others have the source `syscall`.
pub fn source(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    match e.source_id() {
        0 if e.info.ty != EventType::PLUGINEVENT_E => text(b"syscall", out),
        id => text(e.view.makers.get(id)?.source().as_bytes(), out),
    }
}

pub fn pluginname(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(e.maker()?.name().as_bytes(), out)
}

pub fn plugininfo(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let mut info = Vec::new();
    if !e.maker()?.describe(e, &mut info) {
        return None;
    }
    text(&info, out)
}

pub fn is_async(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(e.info.category.from_source(Category::METAEVENT), out)
}

pub fn asynctype(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if !e.info.category.from_source(Category::METAEVENT) {
        return None;
    }
    text(name(e)?, out)
}

pub fn hostname(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(&e.state.machine.hostname, out)
}

pub fn zero(_: &Field, _: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(0, out)
}

pub fn latency_human(_: &Field, _: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(b"0ns", out)
}

/// The time since the previous event for which this field was extracted, in nanoseconds; 0 for the first.
fn delta(field: &Field, e: &Event<'_>) -> u64 {
    let memory = &mut *field.memory.borrow_mut();
    let ts = e.event.ts();
    let delta = if memory.last_ts == 0 { 0 } else { ts.wrapping_sub(memory.last_ts) };
    memory.last_ts = ts;
    delta
}

pub fn deltatime(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(delta(field, e), out)
}

pub fn deltatime_s(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(delta(field, e) / SECOND, out)
}

pub fn deltatime_ns(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(delta(field, e) % SECOND, out)
}

pub fn dir(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(if e.info.ty.is_enter() { b">" } else { b"<" }, out)
}

/// The name of the event (`evt.type`). A generic event has the name of its system call, an asynchronous event has its name
/// in a parameter.
fn name<'a>(e: &Event<'a>) -> Option<&'a [u8]> {
    match e.info.ty {
        EventType::GENERIC_X => {
            let number = |i| Some(Param::of(e, i)?.number()? as u16);
            let mut call = Sc(number(0)?);
            // The call may have been unknown to the version that captured it.
            if call == Sc(0)
                && e.view.replay
                && let Some(native) = number(1)
            {
                call = SCS.iter().map(|s| s.sc).find(|sc| sc.native() == Some(i32::from(native))).unwrap_or(call);
            }
            Some(call.info()?.name.unwrap_or("unknown").as_bytes())
        }
        EventType::ASYNCEVENT_E => Some(Param::of(e, 1)?.text()),
        _ => Some(e.info.name.as_bytes()),
    }
}

pub fn ty(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(name(e)?, out)
}

pub fn type_is(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let Arg::Types(a, b) = *field.arg() else { return None };
    let ty = u32::from(e.info.ty.0);
    uint(u64::from(ty == a || ty == b), out)
}

pub fn syscall_type(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if !e.info.category.from_source(Category::SYSCALL) {
        return None;
    }
    text(name(e)?, out)
}

/// The category of the event, without its source bits.
fn category_of(e: &Event<'_>) -> Category {
    Category(e.info.category.0 & (Category::SYSCALL.0 - 1))
}

pub fn category(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    use FdType as T;
    let name: &str = match category_of(e) {
        Category::OTHER => "other",
        Category::FILE => "file",
        Category::NET => "net",
        Category::IPC => "IPC",
        Category::MEMORY => "memory",
        Category::PROCESS => "process",
        Category::SLEEP => "sleep",
        Category::SYSTEM => "system",
        Category::SIGNAL => "signal",
        Category::USER => "user",
        Category::TIME => "time",
        Category::PROCESSING => "processing",
        // For I/O the category follows from the type of the fd.
        Category::IO_READ | Category::IO_WRITE | Category::IO_OTHER => match e.fd.map(|fd| fd.ty.get()) {
            Some(T::File | T::FileV2 | T::Directory) => "file",
            Some(T::Ipv4Sock | T::Ipv6Sock | T::Ipv4ServSock | T::Ipv6ServSock) => "net",
            Some(T::Fifo | T::UnixSock | T::Event | T::SignalFd | T::Inotify | T::UserfaultFd) => "ipc",
            _ => "unknown",
        },
        Category::WAIT => "wait",
        Category::SCHEDULER => "scheduler",
        Category::INTERNAL => "internal",
        _ => "unknown",
    };
    text(name.as_bytes(), out)
}

pub fn cpu(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Int(i64::from(e.event.cpu() as i16)));
    Some(())
}

pub fn args(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    // The parameters of a generic event are internal.
    if e.info.ty == EventType::GENERIC_X {
        return text(b"", out);
    }
    out.build_text(|o| param_text::all(e, field.display(e), o));
    Some(())
}

pub fn arg(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let i = field.param_position(e)?;
    Param::of(e, i)?;
    out.build_text(|o| param_text::meaning_or_value(e, i, field.display(e), o));
    Some(())
}

pub fn rawarg(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    raw_param(e, field.param_position(e)?, out)
}

/// Adds the value of a parameter, with the type of the parameter.
pub fn raw_param(e: &Event<'_>, i: usize, out: &mut Extracted) -> Option<()> {
    use ParamType::*;
    let p = Param::of(e, i)?;
    match e.info.params.get(i)?.ty {
        INT8 | INT16 | INT32 | INT64 | FD | FD32 | PID | PID32 | ERRNO => out.push(Item::Int(p.signed()?)),
        UINT8 | UINT16 | UINT32 | UINT64 | FLAGS8 | FLAGS16 | FLAGS32 | ENUMFLAGS8 | ENUMFLAGS16 | ENUMFLAGS32
        | MODE | UID | GID | SYSCALLID | SIGTYPE | SIGSET | RELTIME | ABSTIME | PORT | L4PROTO | SOCKFAMILY => {
            out.push(Item::Uint(p.number()?))
        }
        BOOL => out.push(Item::Bool(p.number()? != 0)),
        DOUBLE => out.push(Item::Double(f64::from_bits(p.number()?))),
        CHARBUF | FSPATH | FSRELPATH => out.push_text(p.text()),
        _ => out.push_text(e.event.param(i)?),
    }
    Some(())
}

/// `data` is the buffer in all events, but in some it is a number.
pub fn buffer(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let data = e.info.params.iter().position(|p| p.name == "data" && p.ty == ParamType::BYTEBUF)?;
    text(e.event.param(data)?, out)
}

pub fn rawres(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Int(e.return_value()?));
    Some(())
}

pub fn res(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if e.return_value()? >= 0 {
        return text(b"SUCCESS", out);
    }
    out.build_text(|o| param_text::meaning_or_value(e, 0, Display::NORMAL, o));
    Some(())
}

fn has_flag(e: &Event<'_>, flag: EventFlags) -> bool {
    e.info.flags.has(flag)
}

pub fn is_io(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(has_flag(e, EventFlags::READS_FROM_FD) || has_flag(e, EventFlags::WRITES_TO_FD), out)
}

pub fn is_io_read(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(has_flag(e, EventFlags::READS_FROM_FD), out)
}

pub fn is_io_write(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(has_flag(e, EventFlags::WRITES_TO_FD), out)
}

pub fn io_dir(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if has_flag(e, EventFlags::WRITES_TO_FD) {
        text(b"write", out)
    } else if has_flag(e, EventFlags::READS_FROM_FD) {
        text(b"read", out)
    } else {
        None
    }
}

pub fn is_wait(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(has_flag(e, EventFlags::WAITS), out)
}

pub fn is_syslog(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(has_flag(e, EventFlags::WRITES_TO_FD) && e.fd.is_some_and(|fd| fd.is_syslog()), out)
}

pub fn count(_: &Field, _: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(1, out)
}

pub fn failed(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(e.return_value()? < 0, out)
}

#[derive(PartialEq)]
enum Subject {
    File,
    Net,
    Memory,
    Other,
}

fn subject(e: &Event<'_>) -> Subject {
    use FdType as T;
    match e.fd.map(|fd| fd.ty.get()) {
        Some(T::File | T::FileV2 | T::Directory) => return Subject::File,
        Some(T::Ipv4Sock | T::Ipv6Sock | T::Ipv4ServSock | T::Ipv6ServSock | T::UnixSock) => return Subject::Net,
        Some(_) => return Subject::Other,
        None => {}
    }
    match e.info.ty {
        EventType::SYSCALL_OPEN_X
        | EventType::SYSCALL_CREAT_X
        | EventType::SYSCALL_OPENAT_2_X
        | EventType::SYSCALL_OPENAT2_X
        | EventType::SYSCALL_OPEN_BY_HANDLE_AT_X => Subject::File,
        EventType::SOCKET_ACCEPT_5_X | EventType::SOCKET_ACCEPT4_6_X | EventType::SOCKET_CONNECT_X => Subject::Net,
        _ if category_of(e) == Category::MEMORY => Subject::Memory,
        _ => Subject::Other,
    }
}

fn error_count(e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(u64::from(e.return_value()? < 0), out)
}

pub fn count_error(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    error_count(e, out)
}

pub fn count_error_file(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if subject(e) == Subject::File { error_count(e, out) } else { None }
}

pub fn count_error_net(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if subject(e) == Subject::Net { error_count(e, out) } else { None }
}

pub fn count_error_memory(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if category_of(e) == Category::MEMORY { error_count(e, out) } else { None }
}

pub fn count_error_other(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if subject(e) == Subject::Other { error_count(e, out) } else { None }
}

pub fn count_exit(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if e.info.ty.is_exit() { uint(1, out) } else { None }
}

pub fn count_procinfo(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let main = e.thread.is_some_and(|t| t.is_main_thread());
    uint(u64::from(e.info.ty == EventType::PROCINFO_E && main), out)
}

pub fn count_threadinfo(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(u64::from(e.info.ty == EventType::PROCINFO_E), out)
}

pub fn abspath(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    let second = *field.arg() == Arg::Path(2);
    let name = match e.info.ty {
        EventType::SYSCALL_RENAMEAT_X | EventType::SYSCALL_RENAMEAT2_X | EventType::SYSCALL_LINKAT_2_X if second => {
            "newpath"
        }
        EventType::SYSCALL_RENAMEAT_X | EventType::SYSCALL_RENAMEAT2_X | EventType::SYSCALL_LINKAT_2_X => "oldpath",
        EventType::SYSCALL_SYMLINKAT_X => "linkpath",
        EventType::SYSCALL_OPENAT_2_X | EventType::SYSCALL_OPENAT2_X | EventType::SYSCALL_UNLINKAT_2_X => "name",
        EventType::SYSCALL_MKDIRAT_X => "path",
        EventType::SYSCALL_FCHMODAT_X => "filename",
        EventType::SYSCALL_FCHOWNAT_X => "pathname",
        EventType::SYSCALL_OPEN_BY_HANDLE_AT_X if e.return_value()? > 0 => {
            let path = Param::of(e, 3)?.text();
            out.build_text(|o| path::append_concatenated(&[], path, o));
            return Some(());
        }
        _ => return None,
    };
    let args = Args::of(e.event, e.info);
    let at = e.info.param_index(name)?;
    let path = args.call_path(at).filter(|path| path.itself || !args.is_empty(at))?;
    out.build_text(|o| {
        if !path.append(&e.state.threads, Some(thread), o) {
            path::append_concatenated(&[UNKNOWN_DIR, b"/"], path.path, o);
        }
    });
    Some(())
}

/// The number of bytes that the call transferred, if it has the category and its fd has one of the types.
fn moved(e: &Event<'_>, category: Option<Category>, kinds: fn(FdType) -> bool, out: &mut Extracted) -> Option<()> {
    let own = category_of(e);
    let fits = category.map_or(own.0 & Category::IO_BASE.0 != 0, |wanted| own == wanted);
    if !fits || !kinds(e.fd?.ty.get()) || e.info.ty.is_enter() {
        return None;
    }
    uint(u64::try_from(e.return_value()?).ok()?, out)
}

fn any(_: FdType) -> bool {
    true
}

fn file(ty: FdType) -> bool {
    matches!(ty, FdType::File | FdType::FileV2)
}

fn net(ty: FdType) -> bool {
    matches!(ty, FdType::Ipv4Sock | FdType::Ipv6Sock | FdType::Ipv4ServSock | FdType::Ipv6ServSock)
}

pub fn buflen(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, None, any, out)
}

pub fn buflen_in(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_READ), any, out)
}

pub fn buflen_out(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_WRITE), any, out)
}

pub fn buflen_file(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, None, file, out)
}

pub fn buflen_file_in(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_READ), file, out)
}

pub fn buflen_file_out(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_WRITE), file, out)
}

pub fn buflen_net(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, None, net, out)
}

pub fn buflen_net_in(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_READ), net, out)
}

pub fn buflen_net_out(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    moved(e, Some(Category::IO_WRITE), net, out)
}

/// The flags and mode of a call that opens a path; `None` for other calls. A missing value is 0.
fn opened(e: &Event<'_>) -> Option<(u32, u32)> {
    let (flags, mode) = match e.info.ty {
        EventType::SYSCALL_OPENAT_2_X | EventType::SYSCALL_OPENAT2_X => (3, Some(4)),
        EventType::SYSCALL_OPEN_X => (2, Some(3)),
        EventType::SYSCALL_OPEN_BY_HANDLE_AT_X => (2, None),
        _ => return None,
    };
    let number = |i| Param::of(e, i).and_then(|p| p.number()).unwrap_or(0) as u32;
    Some((number(flags), mode.map_or(0, number)))
}

pub fn is_open_read(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(opened(e).is_some_and(|(f, _)| f & flags::O_RDONLY != 0), out)
}

pub fn is_open_write(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(opened(e).is_some_and(|(f, _)| f & flags::O_WRONLY != 0), out)
}

pub fn is_open_create(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let created = opened(e).is_some_and(|(f, _)| {
        f & flags::O_F_CREATED != 0 || f & flags::O_TMPFILE != 0 && e.return_value().is_some_and(|r| r >= 0)
    });
    truth(created, out)
}

pub fn is_open_exec(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let mode = match (e.info.ty, opened(e)) {
        (EventType::SYSCALL_CREAT_X, _) => Param::of(e, 2).and_then(|p| p.number()).unwrap_or(0) as u32,
        (_, Some((f, mode))) if f & (flags::O_TMPFILE | flags::O_CREAT) != 0 => mode,
        _ => 0,
    };
    truth(mode & (flags::S_IXUSR | flags::S_IXGRP | flags::S_IXOTH) != 0, out)
}

/// The value of `key` in the text of an infrastructure event: `Event:start;ID:...;name:...;Image:...`.
fn docker<'a>(e: &Event<'a>, key: &str) -> Option<&'a [u8]> {
    if e.info.ty != EventType::INFRASTRUCTURE_EVENT_E {
        return None;
    }
    let all = until_nul(e.event.param(2)?);
    let part = all.split(|&b| b == b';').map(|p| p.trim_ascii()).find(|p| p.starts_with(key.as_bytes()))?;
    let colon = part.iter().position(|&b| b == b':')?;
    Some(&part[colon + 1..])
}

fn until(bytes: &[u8], end: u8) -> &[u8] {
    bytes.split(|&b| b == end).next().unwrap_or_default().trim_ascii()
}

pub fn docker_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(until(docker(e, "Event")?, b':'), out)
}

pub fn docker_id(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let id = until(docker(e, "ID")?, b':');
    text(&id[..id.len().min(12)], out)
}

pub fn docker_container(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(until(docker(e, "name")?, b':'), out)
}

pub fn docker_image(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let all = docker(e, "Image")?;
    let image = until(all, b':');
    match image.windows(6).any(|w| w == b"sha256") && !image.contains(&b'@') {
        true => text(all.trim_ascii(), out),
        false => text(until(image, b'@'), out),
    }
}
