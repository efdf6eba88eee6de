//! The `proc` and `thread` fields.

use super::param_text::Param;
use super::{Arg, Field, names};
use crate::state::Thread;
use crate::{EventContext, Extracted, Item};
use driver::EventType;

type Event<'a> = EventContext<'a>;

fn int(value: i64, out: &mut Extracted) -> Option<()> {
    out.push(Item::Int(value));
    Some(())
}

fn uint(value: u64, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(value));
    Some(())
}

fn text(value: &[u8], out: &mut Extracted) -> Option<()> {
    out.push_text(value);
    Some(())
}

/// Adds a tid or pid; engines without real ids use values outside this range.
fn id(value: i64, out: &mut Extracted) -> Option<()> {
    if (-1..=i64::from(u32::MAX)).contains(&value) { int(value, out) } else { None }
}

fn known(value: u64) -> Option<u64> {
    Some(value).filter(|&v| v != 0)
}

/// Defines fields that are a value of the event's thread (`t`), added with the function before it.
macro_rules! of_thread {
    ($($name:ident = $push:ident(|$t:ident| $value:expr);)*) => {
        $(pub fn $name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
            let $t = e.thread?;
            $push($value, out)
        })*
    };
}

fn truth(value: bool, out: &mut Extracted) -> Option<()> {
    out.push(Item::Bool(value));
    Some(())
}

of_thread! {
    exe = text(|t| t.exe());
    exepath = text(|t| t.exepath());
    name = text(|t| t.comm());
    cmdnargs = uint(|t| t.args().len() as u64);
    cmdlenargs = uint(|t| t.args().iter().map(|a| a.len() as u64).sum());
    tty = uint(|t| t.tty.get().into());
    pid = id(|t| t.pid.get());
    vpid = int(|t| Some(t.vpid.get()).filter(|&v| v != -1)?);
    sid = int(|t| t.sid.get());
    vpgid = int(|t| t.vpgid.get());
    pgid = int(|t| t.pgid.get());
    pid_ts = uint(|t| known(t.clone_ts.get())?);
    is_exe_writable = truth(|t| t.exe_writable.get());
    is_exe_upper_layer = truth(|t| t.exe_upper_layer.get());
    is_exe_lower_layer = truth(|t| t.exe_lower_layer.get());
    is_exe_from_memfd = truth(|t| t.exe_from_memfd.get());
    is_sid_leader = truth(|t| t.sid == t.vpid);
    is_vpgid_leader = truth(|t| t.vpgid == t.vpid);
    is_pgid_leader = truth(|t| t.pgid == t.pid);
    exe_ino = int(|t| known(t.exe_ino.get())? as i64);
    exe_ino_ctime = uint(|t| known(t.exe_ino_ctime.get())?);
    exe_ino_mtime = uint(|t| known(t.exe_ino_mtime.get())?);
    exe_ino_ctime_duration_proc_start = uint(|t| known(t.exe_ino_ctime_duration_clone_ts.get())?);
    exe_ino_ctime_duration_pidns_start = uint(|t| known(t.exe_ino_ctime_duration_pidns_start.get())?);
    pidns_init_start_ts = uint(|t| known(t.pidns_init_start_ts.get())?);
    vmsize = uint(|t| t.vmsize_kb.get().into());
    vmrss = uint(|t| t.vmrss_kb.get().into());
    vmswap = uint(|t| t.vmswap_kb.get().into());
    pfmajor = uint(|t| t.pfmajor.get());
    pfminor = uint(|t| t.pfminor.get());
    is_main = truth(|t| t.is_main_thread());
    vtid = int(|t| Some(t.vtid.get()).filter(|&v| v != -1)?);
    thread_vmsize = uint(|t| of_main(t, t.vmsize_kb.get()));
    thread_vmrss = uint(|t| of_main(t, t.vmrss_kb.get()));
    thread_vmsize_b = uint(|t| of_main(t, t.vmsize_kb.get()) * 1024);
    thread_vmrss_b = uint(|t| of_main(t, t.vmrss_kb.get()) * 1024);
}

/// Memory belongs to the process, so only its main thread has a value.
fn of_main(thread: &Thread, kb: u32) -> u64 {
    if thread.is_main_thread() { kb.into() } else { 0 }
}

pub fn tid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    id(e.event.tid(), out)
}

/// The `n`-th ancestor: 0 is the process itself, 1 its parent.
fn ancestor<'a>(e: &Event<'a>, n: i64) -> Option<&'a Thread> {
    let threads = &e.state.threads;
    match n {
        0 => threads.main_thread(e.thread?),
        1 => threads.parent(e.thread?),
        _ => threads.ancestors(e.thread?).nth(usize::try_from(n - 1).ok()?),
    }
}

/// The threads that the parent tids lead to from the main thread; used by comparisons and texts over all ancestors.
fn line<'a>(e: &Event<'a>) -> Option<impl Iterator<Item = &'a Thread>> {
    let main = e.state.threads.main_thread(e.thread?)?;
    Some(e.state.threads.parent_threads(main))
}

/// A text of one ancestor or, without an index, of all of them, separated by spaces.
fn ancestor_text(field: &Field, e: &Event<'_>, out: &mut Extracted, append: fn(&Thread, &mut Vec<u8>)) -> Option<()> {
    if let Arg::Index(n) = *field.arg() {
        let thread = ancestor(e, n)?;
        out.build_text(|o| append(thread, o));
        return Some(());
    }
    let line = line(e)?;
    out.try_build_text(|o| {
        let start = o.len();
        for thread in line {
            if o.len() > start {
                o.push(b' ');
            }
            append(thread, o);
        }
        o.len() > start
    })
}

pub fn aexe(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    ancestor_text(field, e, out, |t, o| o.extend_from_slice(t.exe()))
}

pub fn aexepath(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    ancestor_text(field, e, out, |t, o| o.extend_from_slice(t.exepath()))
}

pub fn aname(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    ancestor_text(field, e, out, |t, o| o.extend_from_slice(t.comm()))
}

pub fn aargs(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    ancestor_text(field, e, out, Thread::args_joined)
}

pub fn acmdline(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    ancestor_text(field, e, out, Thread::cmdline)
}

pub fn apid(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let n = if let Arg::Index(n) = *field.arg() { n } else { 0 };
    id(ancestor(e, n)?.pid.get(), out)
}

/// The candidates of a field over all ancestors: the value `of` each of them.
pub fn ancestor_candidates(
    e: &Event<'_>,
    of: fn(&Event<'_>, &Thread, &mut Extracted),
    out: &mut Extracted,
) -> Option<()> {
    line(e)?.for_each(|thread| of(e, thread, out));
    Some(())
}

pub fn apid_of(_: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.push(Item::Int(t.pid.get()));
}

pub fn aname_of(_: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.push_text(t.comm());
}

pub fn aexe_of(_: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.push_text(t.exe());
}

pub fn aexepath_of(_: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.push_text(t.exepath());
}

pub fn acmdline_of(_: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.build_text(|o| t.cmdline(o));
}

pub fn aenv_of(e: &Event<'_>, t: &Thread, out: &mut Extracted) {
    out.build_text(|o| e.state.threads.env(t).join(o));
}

pub fn pexe(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(ancestor(e, 1)?.exe(), out)
}

pub fn pexepath(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(ancestor(e, 1)?.exepath(), out)
}

pub fn pname(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(ancestor(e, 1)?.comm(), out)
}

pub fn ppid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    id(ancestor(e, 1)?.pid.get(), out)
}

pub fn pcmdline(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let parent = ancestor(e, 1)?;
    out.build_text(|o| parent.cmdline(o));
    Some(())
}

/// The thread whose tid is the parent tid of the event's thread.
fn parent_thread<'a>(e: &Event<'a>) -> Option<&'a Thread> {
    e.state.threads.get(e.thread?.ptid.get())
}

pub fn pvpid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(parent_thread(e)?.vpid.get(), out)
}

pub fn ppid_ts(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(parent_thread(e)?.clone_ts.get(), out)
}

pub fn args(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    match usize::try_from(if let Arg::Index(i) = *field.arg() { i } else { -1 }) {
        Ok(i) => text(thread.args().get(i).unwrap_or_default(), out),
        Err(_) => {
            out.build_text(|o| thread.args_joined(o));
            Some(())
        }
    }
}

pub fn cmdline(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    out.build_text(|o| thread.cmdline(o));
    Some(())
}

pub fn exeline(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    out.build_text(|o| {
        o.extend_from_slice(thread.exe());
        o.push(b' ');
        thread.args_joined(o);
    });
    Some(())
}

fn env_text(e: &Event<'_>, thread: &Thread, out: &mut Extracted) -> Option<()> {
    out.build_text(|o| e.state.threads.env(thread).join(o));
    Some(())
}

pub fn env(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    match field.arg() {
        Arg::Key(name) => text(e.state.threads.env_var(thread, name.as_bytes()).unwrap_or_default(), out),
        _ => env_text(e, thread, out),
    }
}

/// The most generations in which a variable is searched.
const MAX_GENERATIONS: usize = 20;

pub fn aenv(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    match field.arg() {
        Arg::Index(n @ 1..) => match line(e) {
            Some(mut line) => env_text(e, line.nth(usize::try_from(n - 1).ok()?)?, out),
            None => text(b"", out),
        },
        Arg::Key(name) => {
            let mut values = line(e)
                .into_iter()
                .flatten()
                .take(MAX_GENERATIONS)
                .filter_map(|t| e.state.threads.env_var(t, name.as_bytes()).filter(|v| !v.is_empty()));
            text(values.next().unwrap_or_default(), out)
        }
        _ => env_text(e, thread, out),
    }
}

pub fn cwd(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(e.state.threads.cwd(e.thread?), out)
}

pub fn loginshellid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let main = e.state.threads.main_thread(e.thread?)?;
    let shells = std::iter::once(main).chain(line(e)?).filter(|t| t.comm().ends_with(b"sh"));
    int(shells.last()?.pid.get(), out)
}

/// A text of the leader of a session or group, whose id `which` returns; if the leader is unknown, of the oldest ancestor
/// in it.
///
/// If the id is one of a pid namespace (`is_virtual`), the leader is looked up only for threads of the initial namespace.
fn leader_text(
    e: &Event<'_>,
    which: fn(&Thread) -> i64,
    is_virtual: bool,
    value: fn(&Thread) -> &[u8],
    out: &mut Extracted,
) -> Option<()> {
    let thread = e.thread?;
    let id = which(thread);
    let direct = || match is_virtual && thread.is_in_pid_namespace() {
        true => None,
        false => e.state.threads.get(id),
    };
    let oldest = || e.state.threads.parent_threads(thread).take_while(|t| which(t) == id).last();
    let leader = if id == -1 { None } else { direct().or_else(oldest) };
    text(leader.map_or(b"", |t| value(t)), out)
}

pub fn sname(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.sid.get(), true, |t| t.comm(), out)
}

pub fn sid_exe(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.sid.get(), true, |t| t.exe(), out)
}

pub fn sid_exepath(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.sid.get(), true, |t| t.exepath(), out)
}

pub fn vpgid_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.vpgid.get(), true, |t| t.comm(), out)
}

pub fn vpgid_exe(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.vpgid.get(), true, |t| t.exe(), out)
}

pub fn vpgid_exepath(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.vpgid.get(), true, |t| t.exepath(), out)
}

pub fn pgid_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.pgid.get(), false, |t| t.comm(), out)
}

pub fn pgid_exe(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.pgid.get(), false, |t| t.exe(), out)
}

pub fn pgid_exepath(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    leader_text(e, |t| t.pgid.get(), false, |t| t.exepath(), out)
}

pub fn duration(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.event.ts().wrapping_sub(known(e.thread?.clone_ts.get())?), out)
}

/// If the start of the parent is unknown, libsinsp returns the number of the process's open fds. This does the same, so
/// that outputs are equal.
pub fn ppid_duration(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    match known(ancestor(e, 1)?.clone_ts.get()) {
        Some(start) => uint(e.event.ts().wrapping_sub(start), out),
        None => fdopencount(field, e, out),
    }
}

pub fn cap_permitted(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let bits = e.thread?.cap_permitted.get();
    out.build_text(|o| names::capabilities(bits, o));
    Some(())
}

pub fn cap_inheritable(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let bits = e.thread?.cap_inheritable.get();
    out.build_text(|o| names::capabilities(bits, o));
    Some(())
}

pub fn cap_effective(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let bits = e.thread?.cap_effective.get();
    out.build_text(|o| names::capabilities(bits, o));
    Some(())
}

pub fn fdopencount(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.state.threads.fd_count(e.thread?) as u64, out)
}

pub fn fdlimit(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(e.state.threads.fd_limit(e.thread?), out)
}

pub fn fdusage(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    let (open, limit) = (e.state.threads.fd_count(thread) as f64, e.state.threads.fd_limit(thread));
    let percent = if limit <= 0 { 0.0 } else { (open * 100.0 / limit as f64).min(100.0) };
    out.push(Item::Double(percent));
    Some(())
}

pub fn nametid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    use std::io::Write;
    let thread = e.thread?;
    out.build_text(|o| {
        o.extend_from_slice(thread.comm());
        let _ = write!(o, "{}", e.event.tid());
    });
    Some(())
}

pub fn cgroups(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    thread.cgroups().next()?;
    out.build_text(|o| thread.cgroups_joined(o));
    Some(())
}

pub fn cgroup(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let Arg::Key(name) = field.arg() else { return None };
    text(e.thread?.cgroup(name.as_bytes())?, out)
}

pub fn nthreads(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.state.threads.thread_count(e.thread?), out)
}

pub fn nchilds(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(e.state.threads.secondary_thread_count(e.thread?), out)
}

/// The time since the previous scheduler switch on the same CPU, in nanoseconds: how long the thread that leaves it ran.
fn switch_time(field: &Field, e: &Event<'_>) -> u64 {
    if e.info.ty != EventType::SCHEDSWITCH_6_E {
        return 0;
    }
    let switches = &mut field.memory.borrow_mut().switches;
    let cpu = usize::from(e.event.cpu());
    if switches.len() <= cpu {
        switches.resize(cpu + 1, 0);
    }
    let before = std::mem::replace(&mut switches[cpu], e.event.ts());
    if before == 0 { 0 } else { e.event.ts().wrapping_sub(before) }
}

pub fn exectime(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    uint(switch_time(field, e), out)
}

pub fn totexectime(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let took = switch_time(field, e);
    let tid = e.thread?.tid.get();
    uint(field.memory.borrow_mut().of_thread(tid, e.state, |sum| sum.wrapping_add(took)).1, out)
}

/// The CPU time since the previous procinfo event, summed over the parameters `params`.
fn cpu_time(field: &Field, e: &Event<'_>, params: &[usize], out: &mut Extracted) -> Option<()> {
    if e.info.ty != EventType::PROCINFO_E {
        return None;
    }
    let mut total = 0u64;
    for &i in params {
        total = total.wrapping_add(Param::of(e, i)?.number()?);
    }
    let (before, now) = field.memory.borrow_mut().of_thread(e.thread?.tid.get(), e.state, |_| total);
    let used = if before == 0 { 0.0 } else { now.wrapping_sub(before) as f64 };
    out.push(Item::Double(used.min(100.0)));
    Some(())
}

pub fn thread_cpu(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    cpu_time(field, e, &[0, 1], out)
}

pub fn thread_cpu_user(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    cpu_time(field, e, &[0], out)
}

pub fn thread_cpu_system(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    cpu_time(field, e, &[1], out)
}

macro_rules! standard_fds {
    ($($type_name:ident $name_name:ident = $fd:literal;)*) => {
        $(pub fn $type_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
            text(e.state.threads.fds(e.thread?)?.get($fd)?.type_name().as_bytes(), out)
        }

        pub fn $name_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
            text(e.state.threads.fds(e.thread?)?.get($fd)?.name(), out)
        })*
    };
}

standard_fds! {
    stdin_type stdin_name = 0;
    stdout_type stdout_name = 1;
    stderr_type stderr_name = 2;
}
