//! The block types of a capture file, and the content of each.
//!
//! Since format 1.2 new fields are appended to an entry, and its length says which fields it has; the block type stays.
//! Types that end in `ABCD` are from before the format was published.

/// The first block of every section.
pub const SECTION_HEADER: u32 = 0x0A0D_0D0A;
/// The first field of a section header, in the byte order of the file.
pub const SECTION_MAGIC: u32 = 0x1A2B_3C4D;
/// The major version of the format; a file with a higher one is rejected.
pub const MAJOR_VERSION: u16 = 1;
/// The minor version of the format.
pub const MINOR_VERSION: u16 = 2;

/// `struct scap_machine_info`.
pub const MACHINE_INFO: u32 = 0x201;
/// The threads; each entry starts with its length.
pub const PROCESSES_V9: u32 = 0x215;
/// The fds of one process; each entry starts with its length.
pub const FDS_V2: u32 = 0x218;
/// The interfaces; each entry starts with its length.
pub const INTERFACES_V2: u32 = 0x219;
/// The users and groups; each entry starts with its length.
pub const USERS_V2: u32 = 0x220;
/// An event: CPU (u16), the event.
pub const EVENT_V2: u32 = 0x216;
/// An event with flags: CPU (u16), flags (u32), the event.
pub const FLAGGED_EVENT_V2: u32 = 0x217;
/// An event whose block may be longer than 64 KiB.
pub const LARGE_EVENT_V2: u32 = 0x221;
/// An event with flags whose block may be longer than 64 KiB.
pub const LARGE_FLAGGED_EVENT_V2: u32 = 0x222;

/// Blocks of a pcap-ng file with network packets: packet, simple packet, enhanced packet.
const PACKETS: [u32; 3] = [2, 3, 6];
/// The first field of a pcap file, with times in microseconds, in nanoseconds, and as a variant of the format has it.
const PCAP_MAGICS: [u32; 3] = [0xA1B2_C3D4, 0xA1B2_3C4D, 0xA1B2_CD34];

/// Whether a file that starts so is a pcap file, in either byte order.
pub fn starts_pcap(first: u32) -> bool {
    PCAP_MAGICS.iter().any(|magic| first == *magic || first == magic.swap_bytes())
}

/// The bytes of a block besides its body: type and two copies of the total length.
pub const OVERHEAD: u32 = 12;
/// The limit for body and trailer of an event block that is not a large one, in bytes.
pub const MAX_SMALL_EVENT: u32 = 1 << 16;

/// The content of a block type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The start of a section.
    Section,
    /// The machine.
    Machine,
    /// Threads; the version says which fields an entry has.
    Processes {
        /// 1 to 9.
        version: u8,
    },
    /// The fds of one process.
    Fds {
        /// Whether each entry starts with its length.
        sized: bool,
    },
    /// The network interfaces.
    Interfaces {
        /// Whether each entry starts with its length.
        sized: bool,
    },
    /// The users and groups.
    Users {
        /// Whether each entry starts with its length.
        sized: bool,
    },
    /// An event.
    Event(EventBlock),
    /// A network packet of a pcap-ng file; it is skipped.
    Packet,
    /// An unknown type; it is skipped.
    Unknown,
}

/// The layout of an event block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventBlock {
    /// Whether flags precede the event.
    pub flags: bool,
    /// Whether the event header has a parameter count.
    pub counted: bool,
    /// Whether the block may be longer than [`MAX_SMALL_EVENT`].
    pub large: bool,
}

impl Kind {
    /// The content of block type `ty`.
    #[inline]
    pub fn of(ty: u32) -> Kind {
        let event = |flags, counted, large| Kind::Event(EventBlock { flags, counted, large });
        match ty {
            FLAGGED_EVENT_V2 => event(true, true, false),
            EVENT_V2 => event(false, true, false),
            0x204 | 0x8010_ABCD => event(false, false, false),
            0x208 => event(true, false, false),
            LARGE_EVENT_V2 => event(false, true, true),
            LARGE_FLAGGED_EVENT_V2 => event(true, true, true),
            SECTION_HEADER => Kind::Section,
            MACHINE_INFO | 0x8002_ABCD => Kind::Machine,
            0x202 | 0x8000_ABCD => Kind::Processes { version: 1 },
            0x207 | 0x8013_ABCD => Kind::Processes { version: 2 },
            0x209 | 0x8014_ABCD => Kind::Processes { version: 3 },
            0x210..=0x214 => Kind::Processes { version: (ty - 0x210) as u8 + 4 },
            PROCESSES_V9 => Kind::Processes { version: 9 },
            0x203 | 0x8001_ABCD => Kind::Fds { sized: false },
            FDS_V2 => Kind::Fds { sized: true },
            0x205 | 0x8011_ABCD => Kind::Interfaces { sized: false },
            INTERFACES_V2 => Kind::Interfaces { sized: true },
            0x206 | 0x8012_ABCD => Kind::Users { sized: false },
            USERS_V2 => Kind::Users { sized: true },
            ty if PACKETS.contains(&ty) => Kind::Packet,
            _ => Kind::Unknown,
        }
    }
}
