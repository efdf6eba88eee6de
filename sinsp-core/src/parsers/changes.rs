//! When the events of a type change the state of threads and fds: what the drivers may leave out without a loss.

/// When an event changes the state. Times of last events and the notices for an observer are no part of it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// Never: its parser makes notices alone, or keeps data for the event that follows.
    Nothing,
    /// If the call succeeded.
    Success,
    /// If the call succeeded or the connection is in progress; while connections are tracked also if it failed.
    Connection,
    /// As [`Changes::Connection`], but no more than whether a socket is connected.
    Transfer,
    /// If the call succeeded, while connections are tracked.
    Tracked,
    /// The memory sizes and the page faults of a thread alone.
    Memory,
    /// Always.
    Always,
}

/// The fields that show what [`Changes::Memory`] is about.
pub(crate) const MEMORY_FIELDS: &[&str] = &[
    "proc.vmsize",
    "proc.vmrss",
    "proc.vmswap",
    "thread.pfmajor",
    "thread.pfminor",
    "thread.vmsize",
    "thread.vmrss",
    "thread.vmsize.b",
    "thread.vmrss.b",
];

/// The fields that show what [`Changes::Transfer`] is about.
pub(crate) const CONNECTION_FIELDS: &[&str] = &["fd.connected"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::classes;
    use crate::parsers::changes;
    use driver::{EVENTS, EventFlags, EventType};

    #[test]
    fn the_names_are_those_of_fields() {
        let known = |name: &str| classes().iter().flat_map(|class| class.fields).any(|field| field.name == name);
        for name in MEMORY_FIELDS.iter().chain(CONNECTION_FIELDS) {
            assert!(known(name), "{name}");
        }
    }

    /// The table of events marks types that change the state; two kinds of them do not with these parsers.
    #[test]
    fn events_that_the_table_marks_change_the_state() {
        let unparsed = ["MOUNT", "UMOUNT", "SHUTDOWN", "CONTAINER_JSON", "ITER_TASK"];
        let made = |info: &&driver::EventInfo| {
            info.flags.has(EventFlags::MODIFIES_STATE) && !info.flags.has(EventFlags::OLD_VERSION)
        };
        for info in EVENTS
            .iter()
            .filter(made)
            .filter(|info| info.ty.is_exit() || !info.category.from_source(driver::Category::SYSCALL))
        {
            let known = unparsed.iter().any(|name| info.enum_name.contains(name));
            assert!(known != (changes(info.ty) != Changes::Nothing), "{}", info.enum_name);
        }
        assert_eq!(changes(EventType::SYSCALL_GETCWD_X), Changes::Success);
    }
}
