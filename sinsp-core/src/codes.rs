//! Sets of event codes and of system call codes: by group, by name, and conversions between the two.

use crate::filter::ast::{Ast, Expr, NodeId, Operator};
use crate::{Error, Result, async_names};
use driver::{Category, EVENTS, EventType, SCS, Sc};

/// A set of event codes ([`EventType`]) or of system call codes ([`Sc`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CodeSet([u64; CodeSet::WORDS]);

impl CodeSet {
    const WORDS: usize = 8;
    /// No code.
    pub const NONE: CodeSet = CodeSet([0; CodeSet::WORDS]);
    /// Every code.
    pub const ALL: CodeSet = CodeSet([u64::MAX; CodeSet::WORDS]);
    /// One more than the highest code that a set can hold.
    pub const CAPACITY: usize = 64 * CodeSet::WORDS;

    /// Adds a code; a code out of range is ignored.
    pub fn insert(&mut self, code: u16) {
        if let Some(word) = self.0.get_mut(code as usize / 64) {
            *word |= 1 << (code % 64);
        }
    }

    /// The set as bits: code `c` is bit `c % 64` of word `c / 64`.
    pub fn words(&self) -> &[u64; CodeSet::CAPACITY / 64] {
        &self.0
    }

    /// Whether the code is in the set.
    #[inline]
    pub fn contains(&self, code: u16) -> bool {
        self.0.get(code as usize / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The codes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (0..CodeSet::CAPACITY as u16).filter(|code| self.contains(*code))
    }

    fn with(&self, other: &CodeSet, combine: impl Fn(u64, u64) -> u64) -> CodeSet {
        CodeSet(std::array::from_fn(|i| combine(self.0[i], other.0[i])))
    }

    /// The codes in either set.
    pub fn union(&self, other: &CodeSet) -> CodeSet {
        self.with(other, |a, b| a | b)
    }

    /// The codes in both sets.
    pub fn intersection(&self, other: &CodeSet) -> CodeSet {
        self.with(other, |a, b| a & b)
    }

    /// The codes in this set that are not in `other`.
    pub fn difference(&self, other: &CodeSet) -> CodeSet {
        self.with(other, |a, b| a & !b)
    }
}

impl FromIterator<u16> for CodeSet {
    fn from_iter<I: IntoIterator<Item = u16>>(codes: I) -> CodeSet {
        let mut set = CodeSet::default();
        codes.into_iter().for_each(|code| set.insert(code));
        set
    }
}

const _: () = assert!(EVENTS.len() <= CodeSet::CAPACITY && SCS.len() <= CodeSet::CAPACITY);

const GENERIC: [EventType; 2] = [EventType::GENERIC_E, EventType::GENERIC_X];

/// The predefined groups of system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScGroup {
    /// All calls with a name.
    All,
    /// The calls that the thread and fd tables depend on.
    State,
    /// The calls that matter for security, and those of [`ScGroup::State`].
    Simple,
    /// Read and write calls.
    Io,
    /// Other calls on fds.
    IoOther,
    /// File calls.
    File,
    /// Network calls.
    Net,
    /// Process calls.
    Process,
    /// Memory, signal and other system calls.
    System,
}

/// The calls of [`ScGroup::Simple`] before [`ScGroup::State`] is added.
const SIMPLE: &[&str] = &[
    "accept",
    "accept4",
    "bind",
    "bpf",
    "capset",
    "chdir",
    "chmod",
    "chroot",
    "clone",
    "clone3",
    "close",
    "connect",
    "creat",
    "dup",
    "dup2",
    "dup3",
    "eventfd",
    "eventfd2",
    "execve",
    "execveat",
    "fchdir",
    "fchmod",
    "fchmodat",
    "fcntl",
    "fcntl64",
    "flock",
    "fork",
    "getsockopt",
    "inotify_init",
    "inotify_init1",
    "ioctl",
    "io_uring_setup",
    "kill",
    "link",
    "linkat",
    "listen",
    "mkdir",
    "mkdirat",
    "mount",
    "open",
    "open_by_handle_at",
    "openat",
    "openat2",
    "pipe",
    "pipe2",
    "prlimit64",
    "ptrace",
    "quotactl",
    "recvfrom",
    "recvmsg",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "seccomp",
    "sendmsg",
    "sendto",
    "setgid",
    "setgid32",
    "setns",
    "setpgid",
    "setresgid",
    "setresgid32",
    "setresuid",
    "setresuid32",
    "setrlimit",
    "setsid",
    "setuid",
    "setuid32",
    "shutdown",
    "signalfd",
    "signalfd4",
    "socket",
    "socketpair",
    "symlink",
    "symlinkat",
    "tgkill",
    "timerfd_create",
    "tkill",
    "umount",
    "umount2",
    "unlink",
    "unlinkat",
    "unshare",
    "userfaultfd",
    "vfork",
    "setreuid",
    "setregid",
];

/// The calls that create processes and change their attributes.
const PROCESS_STATE: &[&str] = &[
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "fchdir",
    "chdir",
    "chroot",
    "capset",
    "setgid",
    "setgid32",
    "setpgid",
    "setresgid",
    "setresgid32",
    "setresuid",
    "setresuid32",
    "setsid",
    "setuid",
    "setuid32",
    "prctl",
    "sched_process_exit",
];

fn named(names: &[&str]) -> CodeSet {
    names.iter().filter_map(|name| sc_by_name(name.as_bytes())).map(|sc| sc.0).collect()
}

/// The system calls of a group.
pub fn sc_group(group: ScGroup) -> CodeSet {
    let scs = |wanted: fn(&driver::ScInfo) -> bool| SCS.iter().filter(|s| wanted(s)).map(|s| s.sc.0).collect();
    match group {
        ScGroup::All => scs(|s| s.sc.0 != 0 && s.name.is_some()),
        ScGroup::State => scs(|s| s.modifies_state),
        ScGroup::Simple => named(SIMPLE).union(&sc_group(ScGroup::State)),
        ScGroup::Io => of_kinds(&[Category::IO_READ, Category::IO_WRITE]),
        ScGroup::IoOther => of_kinds(&[Category::IO_OTHER]),
        ScGroup::File => of_kinds(&[Category::FILE]),
        ScGroup::Net => of_kinds(&[Category::NET]),
        ScGroup::Process => of_kinds(&[Category::PROCESS]),
        ScGroup::System => of_kinds(&[Category::SYSTEM, Category::MEMORY, Category::SIGNAL]),
    }
}

/// The calls that have an event of one of the categories.
fn of_kinds(kinds: &[Category]) -> CodeSet {
    let bits = |c: Category| c.0 & (Category::SYSCALL.0 - 1);
    let events =
        EVENTS.iter().filter(|e| kinds.iter().any(|kind| bits(e.category) == kind.0)).map(|e| e.ty.0).collect();
    scs_of_events(&events)
}

/// `wanted` plus the fewest calls that keep the state correct for the events of `wanted`.
pub fn repair_state(wanted: &CodeSet) -> CodeSet {
    let wants = |group| !sc_group(group).intersection(wanted).is_empty();
    let mut set = named(PROCESS_STATE).union(wanted);
    let net = wants(ScGroup::Net);
    if net {
        set = set.union(&named(&["socket", "getsockopt"]));
    }
    if !named(&["accept", "accept4", "listen"]).intersection(wanted).is_empty() {
        set = set.union(&named(&["bind"]));
    }
    if net || wants(ScGroup::File) || wants(ScGroup::Io) || wants(ScGroup::IoOther) {
        set = set.union(&named(&["close"]));
    }
    set
}

/// The system call or tracepoint with this name.
pub fn sc_by_name(name: &[u8]) -> Option<Sc> {
    SCS.iter().find(|s| s.name.is_some_and(|n| n.as_bytes() == name)).map(|s| s.sc)
}

/// The events that the calls can produce.
pub fn events_of_scs(scs: &CodeSet) -> CodeSet {
    SCS.iter().filter(|s| scs.contains(s.sc.0)).flat_map(|s| s.events).map(|e| e.0).collect()
}

/// The calls that can produce one of the events. The generic event is produced by all calls without an event of their own.
pub fn scs_of_events(events: &CodeSet) -> CodeSet {
    SCS.iter().filter(|s| s.events.iter().any(|e| events.contains(e.0))).map(|s| s.sc.0).collect()
}

/// The events with these names, as shown by `evt.type`; a call without an event of its own gives both generic events, the name of an async event
/// of a plugin the type of all of those.
pub fn events_by_names<'a>(names: impl Iterator<Item = &'a [u8]>) -> CodeSet {
    let mut set = CodeSet::default();
    for name in names {
        let before = set;
        for event in EVENTS.iter().filter(|e| !GENERIC.contains(&e.ty) && e.name.as_bytes() == name) {
            set.insert(event.ty.0);
        }
        if set == before && sc_by_name(name).is_some() {
            GENERIC.iter().for_each(|e| set.insert(e.0));
        }
        if async_names::has(name) {
            set.insert(EventType::ASYNCEVENT_E.0);
        }
    }
    set
}

/// The calls whose events have one of these names, as shown by `evt.type`; a call without an event of its own is found by
/// its own name.
pub fn scs_by_event_names<'a>(names: impl Iterator<Item = &'a [u8]> + Clone) -> CodeSet {
    let generic: CodeSet = GENERIC.iter().map(|e| e.0).collect();
    let events = events_by_names(names.clone());
    let mut set = scs_of_events(&events.difference(&generic));
    let generic_scs = scs_of_events(&generic);
    for sc in names.filter_map(sc_by_name).filter(|sc| generic_scs.contains(sc.0)) {
        set.insert(sc.0);
    }
    set
}

/// All events.
pub fn all_events() -> CodeSet {
    EVENTS.iter().map(|e| e.ty.0).collect()
}

/// The kind of codes in a [`CodeSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// Event codes.
    Event,
    /// System call codes.
    Sc,
}

impl CodeKind {
    fn all(self) -> CodeSet {
        match self {
            CodeKind::Event => all_events(),
            CodeKind::Sc => sc_group(ScGroup::All),
        }
    }

    fn by_names<'a>(self, names: impl Iterator<Item = &'a [u8]> + Clone) -> CodeSet {
        match self {
            CodeKind::Event => events_by_names(names),
            CodeKind::Sc => scs_by_event_names(names),
        }
    }
}

/// The codes of the events that a filter can accept, judged by its checks of `evt.type`.
///
/// A check of another field can be true for every type, negated or not.
///
/// # Errors
/// `evt.type` is compared with another field or has a transformer: the values that match depend on the event.
pub fn of_filter(ast: &Ast, kind: CodeKind) -> Result<CodeSet> {
    of_node(ast, ast.root(), kind, false)
}

fn of_node(ast: &Ast, id: NodeId, kind: CodeKind, negated: bool) -> Result<CodeSet> {
    match &ast.node(id).expr {
        Expr::Not(child) => of_node(ast, *child, kind, !negated),
        // De Morgan: a negated conjunction is the disjunction of the negations, and the other way round.
        Expr::And(children) if !negated => all_of(ast, children, kind, negated),
        Expr::Or(children) if negated => all_of(ast, children, kind, negated),
        Expr::And(children) | Expr::Or(children) => {
            children.iter().try_fold(CodeSet::default(), |set, c| Ok(set.union(&of_node(ast, *c, kind, negated)?)))
        }
        Expr::Unary { left, .. } => {
            refuse_transformed(ast, *left)?;
            Ok(if negated && is_type_field(ast, *left) { CodeSet::default() } else { kind.all() })
        }
        Expr::Binary {
            left,
            op: op @ (Operator::Eq | Operator::EqEq | Operator::Ne | Operator::In),
            modifier: None,
            right,
        } => {
            refuse_transformed(ast, *left)?;
            if !is_type_field(ast, *left) {
                return Ok(kind.all());
            }
            let set = match &ast.node(*right).expr {
                Expr::Value(value) => kind.by_names(std::iter::once(value.as_slice())),
                Expr::List(values) => kind.by_names(values.iter().map(|v| v.as_slice())),
                Expr::Identifier(_) => return Ok(kind.all()),
                _ => {
                    return Err(Error::Invalid(
                        "right-hand field comparisons on `evt.type`/`syscall.type` checks are not supported by event code \
                         search"
                            .into(),
                    ));
                }
            };
            if negated == (*op == Operator::Ne) {
                return Ok(set);
            }
            let mut others = kind.all().difference(&set);
            // Async events of other names have the same type.
            if kind == CodeKind::Event && set.contains(EventType::ASYNCEVENT_E.0) {
                others.insert(EventType::ASYNCEVENT_E.0);
            }
            Ok(others)
        }
        _ => Ok(kind.all()),
    }
}

fn all_of(ast: &Ast, children: &[NodeId], kind: CodeKind, negated: bool) -> Result<CodeSet> {
    children.iter().try_fold(kind.all(), |set, c| Ok(set.intersection(&of_node(ast, *c, kind, negated)?)))
}

fn is_type_field(ast: &Ast, id: NodeId) -> bool {
    matches!(&ast.node(id).expr, Expr::Field { name, arg: None } if name == "evt.type" || name == "syscall.type")
}

fn refuse_transformed(ast: &Ast, id: NodeId) -> Result<()> {
    let (Expr::Transformer { values: children, .. } | Expr::TransformerList(children)) = &ast.node(id).expr else {
        return Ok(());
    };
    for child in children {
        if is_type_field(ast, *child) {
            return Err(Error::Invalid(
                "event code search does not support `evt.type` checks with transformers".into(),
            ));
        }
        refuse_transformed(ast, *child)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(set: &CodeSet, name: &str) -> bool {
        set.contains(sc_by_name(name.as_bytes()).unwrap_or_else(|| panic!("no call {name}")).0)
    }

    #[test]
    fn every_name_in_the_lists_is_one_of_a_call() {
        for name in SIMPLE.iter().chain(PROCESS_STATE).chain(&["socket", "getsockopt", "bind", "close"]) {
            assert!(sc_by_name(name.as_bytes()).is_some(), "{name}");
        }
    }

    #[test]
    fn groups() {
        assert!(has(&sc_group(ScGroup::Io), "read") && !has(&sc_group(ScGroup::Io), "openat"));
        assert!(has(&sc_group(ScGroup::File), "openat"));
        assert!(has(&sc_group(ScGroup::Net), "connect"));
        assert!(has(&sc_group(ScGroup::State), "clone") && !has(&sc_group(ScGroup::State), "getppid"));
        assert!(has(&sc_group(ScGroup::All), "getppid") && !sc_group(ScGroup::All).contains(0));
    }

    #[test]
    fn repairing_adds_what_the_wanted_calls_need() {
        let set = repair_state(&named(&["openat"]));
        assert!(has(&set, "openat") && has(&set, "close") && has(&set, "execve") && !has(&set, "socket"));
        let set = repair_state(&named(&["accept4"]));
        assert!(has(&set, "bind") && has(&set, "socket") && has(&set, "getsockopt"));
        assert!(!has(&repair_state(&CodeSet::default()), "close"));
    }

    #[test]
    fn a_call_without_its_own_event_is_found_by_its_name() {
        let set = scs_by_event_names([b"getppid".as_slice(), b"open"].into_iter());
        assert!(has(&set, "getppid") && has(&set, "open") && !has(&set, "getpgrp"));
        let events = events_by_names([b"getppid".as_slice()].into_iter());
        assert!(events.contains(EventType::GENERIC_X.0));
        assert!(events_by_names([b"no_such_call".as_slice()].into_iter()).is_empty());
    }

    fn scs_of(filter: &str) -> CodeSet {
        of_filter(&crate::filter::parse(filter.as_bytes()).unwrap(), CodeKind::Sc).unwrap()
    }

    #[test]
    fn a_filter_tells_which_calls_it_can_match() {
        let all = sc_group(ScGroup::All);
        assert_eq!(scs_of("evt.type=openat"), named(&["openat"]));
        assert_eq!(scs_of("evt.type in (open, openat) and proc.name=cat"), named(&["open", "openat"]));
        assert_eq!(scs_of("evt.type=open or evt.type=close"), named(&["open", "close"]));
        assert_eq!(scs_of("proc.name=cat"), all);
        assert_eq!(scs_of("not proc.name=cat"), all);
        assert_eq!(scs_of("not evt.type=open"), all.difference(&named(&["open"])));
        assert_eq!(scs_of("evt.type!=open"), all.difference(&named(&["open"])));
        assert_eq!(scs_of("not evt.type!=open"), named(&["open"]));
        assert_eq!(scs_of("not (evt.type!=open and proc.name=cat)"), all);
        assert_eq!(scs_of("not (evt.type=open or evt.type=close)"), all.difference(&named(&["open", "close"])));
        assert_eq!(scs_of("evt.type exists"), all);
        assert_eq!(scs_of("not evt.type exists"), CodeSet::default());
        assert_eq!(scs_of("evt.type=getppid"), named(&["getppid"]));
    }

    #[test]
    fn types_that_are_not_known_before_the_event_are_refused() {
        let codes = |filter: &str| of_filter(&crate::filter::parse(filter.as_bytes()).unwrap(), CodeKind::Sc);
        assert!(codes("evt.type = val(evt.arg.name)").is_err());
        assert!(codes("tolower(evt.type) = open").is_err());
        assert!(codes("evt.type contains open").is_ok());
    }

    #[test]
    fn sets_are_sets() {
        let a: CodeSet = [1u16, 70, 9999].into_iter().collect();
        let b: CodeSet = [70u16, 300].into_iter().collect();
        assert_eq!(a.iter().collect::<Vec<_>>(), [1, 70]);
        assert_eq!(a.union(&b).iter().collect::<Vec<_>>(), [1, 70, 300]);
        assert_eq!(a.intersection(&b).iter().collect::<Vec<_>>(), [70]);
        assert_eq!(a.difference(&b).iter().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn names_of_async_events_are_names_of_types() {
        let name = &b"an async event of the test"[..];
        let compiles = |text: &[u8]| crate::filter::Factory::new().compile_text(text).map(|_| ());
        assert!(!async_names::has(name) && compiles(b"evt.type = 'an async event of the test'").is_err());
        async_names::add(["an async event of the test", "openat"].into_iter());
        assert!(async_names::has(name) && compiles(b"evt.type = 'an async event of the test'").is_ok());
        let codes = |name: &[u8]| events_by_names(std::iter::once(name)).iter().collect::<Vec<_>>();
        assert_eq!(codes(name), [EventType::ASYNCEVENT_E.0]);
        assert!(codes(b"openat").contains(&EventType::SYSCALL_OPENAT_2_X.0));
        assert!(codes(b"openat").contains(&EventType::ASYNCEVENT_E.0));
        // Other async events have the same type.
        let ast = crate::filter::parser::parse(b"evt.type != 'an async event of the test'").expect("a filter");
        assert!(of_filter(&ast, CodeKind::Event).expect("types").contains(EventType::ASYNCEVENT_E.0));
    }
}
