//! The containers of threads. The container plugin has their ids: it adds the column `container_id` to the table of threads, and writes it in its
//! parser. Users and groups are those of the container.

use super::tables::{ColumnType, ShapeId, Tables, Value};
use super::{State, Thread, ThreadId};

/// The name of the column.
pub(super) const COLUMN: &str = "container_id";

impl Tables {
    /// Whether a column that is added is that of the containers' ids.
    pub(super) fn is_container_column(shape: ShapeId, name: &str, ty: ColumnType) -> bool {
        shape == ShapeId::THREADS && ty == ColumnType::Text && name == COLUMN
    }
}

impl State {
    /// Calls `read` with the id of the container of a thread; it is empty for a thread of the host, and if no plugin has the ids.
    pub fn with_container<R>(&self, thread: &Thread, read: impl Fn(&[u8]) -> R) -> R {
        let id = self.tables.container_column().and_then(|index| {
            thread.outside.read_added(index, ColumnType::Text, |value| match value {
                Value::Text(id) => Some(read(id)),
                _ => None,
            })
        });
        id.flatten().unwrap_or_else(|| read(b""))
    }

    /// Appends the id of the container of a thread; nothing for a thread of the host.
    pub(crate) fn container_into(&self, thread: &Thread, out: &mut Vec<u8>) {
        if let Some(index) = self.tables.container_column() {
            thread.outside.read_added(index, ColumnType::Text, |value| {
                if let Value::Text(id) = value {
                    out.extend_from_slice(id);
                }
            });
        }
    }

    /// Called when the parsers of plugins have seen an event that may change the container of a thread: adds the users and groups of the container
    /// that has the user and the group of the thread, from the files in its root directory. Removes those of a container whose first process has
    /// exited.
    /// A capture has events of both.
    pub(crate) fn container_changed(&mut self, id: ThreadId, exits: bool) {
        if self.tables.container_column().is_none() {
            return;
        }
        let Some(thread) = self.threads.by_id(id) else { return };
        let container = self.with_container(thread, <[u8]>::to_vec);
        if container.is_empty() {
            return;
        }
        let (pid, uid, gid) = (thread.pid.get(), thread.uid.get(), thread.gid.get());
        let is_first = thread.vpid.get() == 1 && thread.vtid.get() == 1;
        match exits {
            true if is_first => self.users.container_ended(&container),
            true => {}
            false => self.users.add_seen_in(&container, pid, uid, gid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{UserInfo, UserList, UserLookup};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    struct Files(Arc<AtomicU32>);

    impl UserLookup for Files {
        fn user(&mut self, _: u32) -> Option<UserInfo> {
            None
        }
        fn group(&mut self, _: u32) -> Option<crate::state::GroupInfo> {
            None
        }
        fn of_process(&mut self, pid: i64) -> UserList {
            self.0.fetch_add(1, SeqCst);
            let user = |uid, name: &str| UserInfo { uid, name: name.into(), ..UserInfo::default() };
            let users = if pid == 7 { vec![user(5, "five"), user(6, "six")] } else { Vec::new() };
            UserList { users, groups: Vec::new() }
        }
    }

    fn state_with(container: &[u8]) -> (State, ThreadId) {
        let mut state = State::default();
        let column = state.tables.add_column(ShapeId::THREADS, COLUMN, ColumnType::Text).expect("a column");
        let info = crate::state::ThreadInfo { tid: 7, pid: 7, uid: 5, vtid: 1, vpid: 1, ..Default::default() };
        crate::state::SystemSink::thread(&mut state, info);
        let id = state.threads.id_of(7).expect("the thread");
        let (index, _) = state.tables.added(column).expect("added");
        state.threads.by_id_mut(id).expect("the thread").outside.write_added(index, Value::Text(container));
        (state, id)
    }

    #[test]
    fn the_users_of_a_container_are_in_its_files() {
        let (mut state, id) = state_with(b"abc");
        let calls = Arc::<AtomicU32>::default();
        state.users.set_lookup(Some(Box::new(Files(calls.clone()))));
        state.container_changed(id, false);
        let thread = state.threads.by_id(id).expect("the thread");
        let name = |uid| state.with_container(thread, |c| state.users.user_in(c, uid).map(|u| u.name.clone()));
        assert_eq!((name(5), name(6), name(7)), (Some(b"five".to_vec()), Some(b"six".to_vec()), None));
        assert!(state.users.user(5).is_none());
        // What is known, or was not found, is not looked up again.
        state.container_changed(id, false);
        assert_eq!(calls.load(SeqCst), 1);
        state.container_changed(id, true);
        assert!(state.users.users_in(b"abc").is_none());
    }

    #[test]
    fn a_thread_of_the_host_has_no_container() {
        let (mut state, id) = state_with(b"");
        state.container_changed(id, false);
        let thread = state.threads.by_id(id).expect("the thread");
        assert!(state.with_container(thread, <[u8]>::is_empty));
        let other = State::default();
        assert!(other.with_container(thread, <[u8]>::is_empty));
    }
}
