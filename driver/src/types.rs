//! The types of the tables: events, parameters, flag tables, system calls.

use crate::{EVENTS, SCS};

/// The code of an event (`PPME_*` in C).
///
/// A capture can contain any 16-bit number; [`EventType::info`] returns `None` for an unknown one. The constants are
/// generated, named as in C without the `PPME_` prefix: [`EventType::SYSCALL_OPEN_X`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct EventType(pub u16);

impl EventType {
    /// The row of the event table; `None` for an unknown code.
    #[inline]
    pub fn info(self) -> Option<&'static EventInfo> {
        EVENTS.get(self.0 as usize)
    }

    /// Whether this is an enter event: those have even codes.
    #[inline]
    pub fn is_enter(self) -> bool {
        self.0 & 1 == 0
    }

    /// Whether this is an exit event: those have odd codes.
    #[inline]
    pub fn is_exit(self) -> bool {
        !self.is_enter()
    }
}

/// One row of the event table.
#[derive(Debug)]
pub struct EventInfo {
    /// The code of the event.
    pub ty: EventType,
    /// The C constant's name without `PPME_`, such as `SYSCALL_OPEN_X`.
    pub enum_name: &'static str,
    /// The name shown to users and used in filters, such as `open`; equal for enter and exit.
    pub name: &'static str,
    /// The category.
    pub category: Category,
    /// How it affects fds and the state.
    pub flags: EventFlags,
    /// Its parameters, in the order of the event; 32 at most.
    pub params: &'static [ParamInfo],
}

impl EventInfo {
    /// The position of the parameter called `name`.
    pub fn param_index(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|p| p.name == name)
    }
}

/// One parameter of an event.
#[derive(Debug)]
pub struct ParamInfo {
    /// Its name, such as `fd`.
    pub name: &'static str,
    /// The type of its bytes.
    pub ty: ParamType,
    /// How a number is printed.
    pub format: Format,
    /// What the value refers to.
    pub detail: Detail,
}

/// What a parameter's value refers to, beyond its type.
#[derive(Debug, Clone, Copy)]
pub enum Detail {
    /// Nothing: the type says it all.
    None,
    /// The value is a combination of flags, or one of the values, of this table.
    Flags(&'static FlagTable),
    /// The value is a path, relative to the directory whose fd is this parameter of the event.
    Dirfd(u8),
    /// The value's first byte selects one of these descriptions for the rest (`PT_DYN`).
    Variants(&'static [ParamInfo]),
}

impl ParamInfo {
    /// The flag table of the parameter, if it has one.
    #[inline]
    pub fn flag_table(&self) -> Option<&'static FlagTable> {
        match self.detail {
            Detail::Flags(t) => Some(t),
            _ => None,
        }
    }
}

/// A table of named flags or values, in the order in which a value is converted to text.
#[derive(Debug)]
pub struct FlagTable {
    /// The table's name, which is also its symbol in C: `file_flags`.
    pub name: &'static str,
    /// Name and value of each row.
    pub rows: &'static [(&'static str, u32)],
}

/// One system call or tracepoint that can be selected.
#[derive(Debug)]
pub struct ScInfo {
    /// Its code (`PPM_SC_*` in C).
    pub sc: Sc,
    /// Its name in lower case, such as `openat`; `None` for a code that is not in use.
    pub name: Option<&'static str>,
    /// Whether it is needed to follow threads and fds.
    pub modifies_state: bool,
    /// Its number on each architecture, in the order of [`Arch`]; -1 if it does not exist.
    pub numbers: [i32; Arch::COUNT],
    /// Its numbers in the 32-bit x86 table, which can have several for one call.
    pub ia32: &'static [i32],
    /// Its events, old versions first, in pairs of enter and exit where both exist.
    pub events: &'static [EventType],
}

/// The code of a system call or tracepoint (`PPM_SC_*` in C), the same on every architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Sc(pub u16);

impl Sc {
    /// The row of the table, or `None` for a code out of range.
    #[inline]
    pub fn info(self) -> Option<&'static ScInfo> {
        SCS.get(self.0 as usize)
    }

    /// The number of the call on the target architecture; `None` if it has none.
    pub fn native(self) -> Option<i32> {
        let n = self.info()?.numbers[Arch::HERE? as usize];
        (n >= 0).then_some(n)
    }
}

/// The architectures whose system-call numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Arch {
    X86_64,
    Aarch64,
    Riscv64,
    S390x,
    Ppc64le,
    Loongarch64,
}

impl Arch {
    /// The number of architectures.
    pub const COUNT: usize = 6;

    /// The target architecture.
    pub const HERE: Option<Arch> = if cfg!(target_arch = "x86_64") {
        Some(Arch::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Arch::Aarch64)
    } else if cfg!(target_arch = "riscv64") {
        Some(Arch::Riscv64)
    } else if cfg!(target_arch = "s390x") {
        Some(Arch::S390x)
    } else if cfg!(all(target_arch = "powerpc64", target_endian = "little")) {
        Some(Arch::Ppc64le)
    } else if cfg!(target_arch = "loongarch64") {
        Some(Arch::Loongarch64)
    } else {
        None
    };
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident($repr:ty) { $($variant:ident = $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr($repr)]
        #[allow(missing_docs, non_camel_case_types)]
        pub enum $name { $($variant = $value),+ }

        impl $name {
            /// All constants with their names in C, without the prefix.
            pub const ALL: &'static [($name, &'static str)] = &[$(($name::$variant, stringify!($variant))),+];
        }
    };
}

codes! {
    /// The type of a parameter's bytes (`PT_*` in C). Integers are in the machine's byte order, of the size in the name.
    ParamType(u32) {
        NONE = 0, INT8 = 1, INT16 = 2, INT32 = 3, INT64 = 4, UINT8 = 5, UINT16 = 6, UINT32 = 7, UINT64 = 8,
        CHARBUF = 9, BYTEBUF = 10, ERRNO = 11, SOCKADDR = 12, SOCKTUPLE = 13, FD = 14, PID = 15, FDLIST = 16,
        FSPATH = 17, SYSCALLID = 18, SIGTYPE = 19, RELTIME = 20, ABSTIME = 21, PORT = 22, L4PROTO = 23,
        SOCKFAMILY = 24, BOOL = 25, IPV4ADDR = 26, DYN = 27, FLAGS8 = 28, FLAGS16 = 29, FLAGS32 = 30, UID = 31,
        GID = 32, DOUBLE = 33, SIGSET = 34, CHARBUFARRAY = 35, CHARBUF_PAIR_ARRAY = 36, IPV4NET = 37,
        IPV6ADDR = 38, IPV6NET = 39, IPADDR = 40, IPNET = 41, MODE = 42, FSRELPATH = 43, ENUMFLAGS8 = 44,
        ENUMFLAGS16 = 45, ENUMFLAGS32 = 46, FD32 = 47, PID32 = 48,
    }
}

codes! {
    /// The print format of a number (`PF_*` in C).
    Format(u32) { NA = 0, DEC = 1, HEX = 2, PADDED_DEC = 3, ID = 4, DIR = 5, OCT = 6 }
}

macro_rules! bits {
    ($(#[$doc:meta])* $name:ident($repr:ty) { $($bit:ident = $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[repr(transparent)]
        pub struct $name(pub $repr);

        #[allow(missing_docs)]
        impl $name {
            $(pub const $bit: $name = $name($value);)+

            /// Whether all bits of `other` are set.
            #[inline]
            pub const fn has(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }
        }
    };
}

bits! {
    /// The properties of an event (`EF_*` in C).
    EventFlags(u32) {
        CREATES_FD = 1, DESTROYS_FD = 1 << 1, USES_FD = 1 << 2, READS_FROM_FD = 1 << 3, WRITES_TO_FD = 1 << 4,
        MODIFIES_STATE = 1 << 5, UNUSED = 1 << 6, WAITS = 1 << 7, SKIPPARSERESET = 1 << 8, OLD_VERSION = 1 << 9,
        LARGE_PAYLOAD = 1 << 11, CONVERTER_MANAGED = 1 << 12,
    }
}

/// The category of an event (`EC_*` in C): the activity in the low bits, the source in the high bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(transparent)]
pub struct Category(pub u32);

#[allow(missing_docs)]
impl Category {
    pub const UNKNOWN: Category = Category(0);
    pub const OTHER: Category = Category(1);
    pub const FILE: Category = Category(2);
    pub const NET: Category = Category(3);
    pub const IPC: Category = Category(4);
    pub const MEMORY: Category = Category(5);
    pub const PROCESS: Category = Category(6);
    pub const SLEEP: Category = Category(7);
    pub const SYSTEM: Category = Category(8);
    pub const SIGNAL: Category = Category(9);
    pub const USER: Category = Category(10);
    pub const TIME: Category = Category(11);
    pub const PROCESSING: Category = Category(12);
    pub const IO_BASE: Category = Category(32);
    pub const IO_READ: Category = Category(32);
    pub const IO_WRITE: Category = Category(33);
    pub const IO_OTHER: Category = Category(34);
    pub const WAIT: Category = Category(1 << 6);
    pub const SCHEDULER: Category = Category(1 << 7);
    pub const INTERNAL: Category = Category(1 << 8);
    pub const SYSCALL: Category = Category(1 << 9);
    pub const TRACEPOINT: Category = Category(1 << 10);
    pub const PLUGIN: Category = Category(1 << 11);
    pub const METAEVENT: Category = Category(1 << 12);
    pub const ITER: Category = Category(1 << 13);

    /// The category without the source bits.
    #[inline]
    pub const fn kind(self) -> Category {
        Category(self.0 & (Category::INTERNAL.0 - 1))
    }

    /// Whether it has the source bits of `other`.
    #[inline]
    pub const fn from_source(self, other: Category) -> bool {
        self.0 & other.0 != 0
    }
}
