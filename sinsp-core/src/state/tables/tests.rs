//! Tests of tables: reading, writing, adding and erasing, and entries that outlive their tables.

use super::*;
use crate::state::{Fd, SockInfo, State, Thread, cl};
use scap_sys::{FdType, L4Proto};
use std::net::Ipv4Addr;

fn state() -> State {
    let mut state = State::default();
    for tid in [1, 7, 8] {
        let mut t = Thread::new(tid);
        t.pid.set(tid);
        t.ptid.set(1);
        t.set_args(b"-l\0-a\0");
        t.set_env(b"A=B\0");
        t.set_cgroups(b"cpu=/x=y\0");
        t.own_fds.add(3, Fd::new(FdType::Fifo));
        state.add_thread(t, true).expect("room");
    }
    state
}

fn key(number: i64) -> Key<'static> {
    Key::Number(number as u64)
}

fn column(state: &State, shape: ShapeId, name: &str) -> ColumnId {
    let ty = state.tables.columns(shape).find(|c| c.name == name).expect("a column of that name").ty;
    state.tables.column(shape, name, ty).unwrap()
}

#[track_caller]
fn expect(state: &State, entry: &Entry, name: &str, expected: Value<'_>) {
    let column = column(state, entry.shape(), name);
    state.entry_read(entry, column, |v| assert_eq!(v, expected, "{name}")).unwrap();
}

fn write(state: &mut State, entry: &Entry, name: &str, value: Value<'_>) -> Result<(), String> {
    let column = column(state, entry.shape(), name);
    state.entry_write(entry, column, value).map_err(|e| e.to_string())
}

fn of(state: &State, tid: i64, list: SubTable) -> Table {
    Table::Of(state.threads.id_of(tid).unwrap(), list)
}

fn walked(state: &State, table: &Table) -> Vec<Entry> {
    let mut walk = Walk::default();
    state.walk(table, &mut walk);
    std::iter::from_fn(|| state.walk_on(&mut walk)).collect()
}

#[test]
fn a_walk_has_each_entry_once_and_keeps_what_is_removed_meanwhile() {
    let mut state = state();
    let values = |state: &State, table: &Table, name: &str| -> Vec<String> {
        let entries = walked(state, table);
        let show = |entry: &Entry| state.entry_read(entry, column(state, entry.shape(), name), |v| format!("{v:?}"));
        let texts = entries.iter().map(|entry| show(entry).unwrap()).collect();
        assert!(entries.into_iter().all(|entry| state.entry_release_kept(entry).is_none()));
        texts
    };
    assert_eq!(values(&state, &of(&state, 7, SubTable::Args), "value").concat(), r#"Text([45, 108])Text([45, 97])"#);
    assert_eq!(values(&state, &Table::Threads, "tid").len(), 3);
    let mut walk = Walk::default();
    state.walk(&Table::Threads, &mut walk);
    let first = state.walk_on(&mut walk).expect("a thread");
    let tid = column(&state, ShapeId::THREADS, "tid");
    let mut number = 0;
    let mut read = |state: &State, entry: &Entry| {
        state.entry_read(entry, tid, |v| number = if let Value::I64(tid) = v { tid } else { 0 }).unwrap();
        number
    };
    let removed = read(&state, &first);
    state.remove_thread(removed);
    // Places that were added meanwhile are not part of the walk, and a place that is empty by now is left out.
    let next = [7, 8, 1].into_iter().find(|tid| *tid != removed).unwrap();
    state.remove_thread(next);
    for tid in 100..110 {
        state.add_thread(Thread::new(tid), true).expect("room");
    }
    assert_eq!(read(&state, &first), removed);
    let left = state.entry_release_kept(first).expect("the last entry of a removed thread");
    assert_eq!(read(&state, &left), removed);
    state.entry_release(left);
    let mut seen = Vec::new();
    while let Some(entry) = state.walk_on(&mut walk) {
        seen.push(read(&state, &entry));
        assert!(state.entry_release_kept(entry).is_none());
    }
    assert!(seen.len() <= 3 && !seen.contains(&removed) && !seen.contains(&next), "{seen:?}");
    let fds = of(&state, 100, SubTable::Fds);
    state.walk(&fds, &mut walk);
    assert!(state.walk_on(&mut walk).is_none() && walk.rest().next().is_none());
}

#[test]
fn columns_have_the_types_that_they_say_and_take_values_of_them() {
    let mut state = state();
    let thread = state.table_get(&Table::Threads, key(7)).unwrap();
    let mut entries = vec![thread];
    for list in [SubTable::Fds, SubTable::Args, SubTable::Env, SubTable::Cgroups] {
        let number = if list == SubTable::Fds { 3 } else { 0 };
        entries.push(state.table_get(&of(&state, 7, list), key(number)).unwrap());
    }
    for entry in entries {
        let shape = entry.shape();
        let columns: Vec<_> = state.tables.columns(shape).map(|c| (c.name.to_string(), c.ty, c.read_only)).collect();
        for (name, ty, read_only) in columns {
            let id = state.tables.column(shape, &name, ty).unwrap();
            assert_eq!(state.entry_read(&entry, id, |v| v.ty()), Ok(ty), "{name}");
            let new = match ty {
                ColumnType::Text => Value::Text(b"new"),
                ColumnType::Bool => Value::Bool(true),
                ColumnType::U8 => Value::U8(4),
                ColumnType::U16 => Value::U16(5),
                ColumnType::U32 => Value::U32(6),
                ColumnType::U64 => Value::U64(7),
                ColumnType::I64 => Value::I64(8),
                _ => {
                    assert!(read_only, "{name}");
                    continue;
                }
            };
            let (written, epoch) = (state.entry_write(&entry, id, new), state.epoch());
            assert_eq!(written.is_err(), read_only, "{name}: {written:?}");
            if !read_only {
                expect(&state, &entry, &name, new);
                assert!(state.entry_write(&entry, id, Value::I16(1)).is_err(), "{name}");
                state.entry_write(&entry, id, new).unwrap();
                assert_ne!(state.epoch(), epoch, "{name}");
            }
        }
        state.entry_release(entry);
    }
}

#[test]
fn writes_are_those_of_the_state() {
    let mut state = state();
    let thread = state.table_get(&Table::Threads, key(7)).unwrap();
    write(&mut state, &thread, "comm", Value::Text(b"renamed")).unwrap();
    assert_eq!(state.threads.get(7).unwrap().comm(), b"renamed");
    let wrong = write(&mut state, &thread, "comm", Value::U8(1)).unwrap_err();
    assert_eq!(wrong, "field 'comm' of table 'threads' has type string, not uint8");
    let refused = write(&mut state, &thread, "cwd", Value::Text(b"/")).unwrap_err();
    assert_eq!(refused, "field 'cwd' of table 'threads' cannot be written");
    let fd = state.table_get(&of(&state, 7, SubTable::Fds), key(3)).unwrap();
    assert!(write(&mut state, &fd, "type", Value::U8(200)).unwrap_err().contains("cannot have that value"));
    write(&mut state, &fd, "socket_ipv4_dst_port", Value::U16(80)).unwrap();
    write(&mut state, &fd, "socket_ipv4_src_ip", Value::U32(u32::from_ne_bytes([127, 0, 0, 1]))).unwrap();
    write(&mut state, &fd, "socket_ipv4_l4_proto", Value::U8(L4Proto::Tcp as u8)).unwrap();
    let sock = state.threads.get(7).unwrap().own_fds.get(3).unwrap().sock();
    let (sip, dip) = (Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED);
    assert_eq!(sock, SockInfo::Ipv4 { sip, dip, sport: 0, dport: 80, proto: L4Proto::Tcp });
    expect(&state, &fd, "socket_ipv6_dst_port", Value::U16(0));
    let column = column(&state, ShapeId::FDS, "name");
    let crossed = state.entry_read(&thread, column, |_| ()).unwrap_err().to_string();
    assert_eq!(crossed, "a field of table 'file_descriptors' is used on an entry of table 'threads'");
    state.entry_release(thread);
}

#[test]
fn lists_are_tables_by_position() {
    let mut state = state();
    let args = of(&state, 7, SubTable::Args);
    assert_eq!(state.table_len(&args), 2);
    let second = state.table_get(&args, key(1)).unwrap();
    write(&mut state, &second, "value", Value::Text(b"-x")).unwrap();
    assert_eq!(state.threads.get(7).unwrap().args().to_list().as_wire(), b"-l\0-x\0");
    let mut new = state.table_new(&args).unwrap();
    assert!(write(&mut state, &new, "value", Value::Text(b"y")).is_err());
    state.table_add(&args, key(3), &mut new).unwrap();
    assert!(state.table_add(&args, key(4), &mut new).is_err());
    write(&mut state, &new, "value", Value::Text(b"y")).unwrap();
    assert_eq!(state.threads.get(7).unwrap().args().to_list().as_wire(), b"-l\0-x\0\0y\0");
    state.table_erase(&args, key(2)).unwrap();
    assert!(state.table_erase(&args, key(3)).is_err() && state.table_get(&args, key(-1)).is_err());
    expect(&state, &second, "value", Value::Text(b"-x"));
    let cgroup = state.table_get(&of(&state, 7, SubTable::Cgroups), key(0)).unwrap();
    expect(&state, &cgroup, "second", Value::Text(b"/x=y"));
    write(&mut state, &cgroup, "first", Value::Text(b"memory")).unwrap();
    write(&mut state, &cgroup, "second", Value::Text(b"/z")).unwrap();
    assert_eq!(state.threads.get(7).unwrap().cgroup(b"memory"), Some(&b"/z"[..]));
    state.table_clear(&args).unwrap();
    assert_eq!(state.table_len(&args), 0);
    assert!(state.entry_read(&second, column(&state, ShapeId::ARGS, "value"), |_| ()).is_err());
}

#[test]
fn what_is_held_stays_and_is_given_back() {
    let mut state = state();
    let column_of = |state: &mut State, shape| state.tables.add_column(shape, "mine", ColumnType::Text).unwrap();
    let (mine, fd_mine) = (column_of(&mut state, ShapeId::THREADS), column_of(&mut state, ShapeId::FDS));
    let thread = state.table_get(&Table::Threads, key(7)).unwrap();
    let Entry::Thread(id) = thread else { panic!("a thread") };
    let fds = of(&state, 7, SubTable::Fds);
    let (fd, fd8) =
        (state.table_get(&fds, key(3)).unwrap(), state.table_get(&of(&state, 8, SubTable::Fds), key(3)).unwrap());
    state.entry_write(&thread, mine, Value::Text(b"t")).unwrap();
    state.entry_write(&fd, fd_mine, Value::Text(b"f")).unwrap();
    // The fd is closed and its number reused; the thread exits and its tid is reused.
    state.threads.get_mut(7).unwrap().own_fds.remove(3);
    state.threads.get_mut(7).unwrap().own_fds.add(3, Fd::new(FdType::FileV2));
    state.remove_thread(7);
    state.remove_thread(8);
    state.add_thread(Thread::new(7), true).unwrap();
    for (entry, column, value) in [(&thread, mine, &b"t"[..]), (&fd, fd_mine, b"f")] {
        state.entry_read(entry, column, |v| assert_eq!(v, Value::Text(value))).unwrap();
    }
    expect(&state, &thread, "pid", Value::I64(7));
    expect(&state, &fd, "type", Value::U8(FdType::Fifo as u8));
    expect(&state, &fd8, "type", Value::U8(FdType::Fifo as u8));
    assert_eq!(state.table_len(&fds), 1, "the dead thread's table is still its own");
    state.entry_write(&fd, fd_mine, Value::Text(b"late")).unwrap();
    state.entry_read(&fd, fd_mine, |v| assert_eq!(v, Value::Text(b"late"))).unwrap();
    let new = state.table_get(&Table::Threads, key(7)).unwrap();
    state.entry_read(&new, mine, |v| assert_eq!(v, Value::Text(b""))).unwrap();
    for entry in [fd, fd8, new, thread] {
        state.entry_release(entry);
    }
    assert!(state.threads.pinned(id).is_none(), "the dead thread went with its last pin");
}

#[test]
fn threads_and_files_are_made_and_added() {
    let mut state = state();
    let (before, epoch) = (state.table_len(&Table::Threads), state.epoch());
    let mut new = state.table_new(&Table::Threads).unwrap();
    assert_eq!(state.table_len(&Table::Threads), before);
    write(&mut state, &new, "pid", Value::I64(90)).unwrap();
    write(&mut state, &new, "ptid", Value::I64(7)).unwrap();
    let Entry::Thread(id) = new else { panic!("a thread") };
    // Its lists can be filled before it is added to the table.
    let args = Table::Of(id, SubTable::Args);
    let mut arg = state.table_new(&args).unwrap();
    state.table_add(&args, key(0), &mut arg).unwrap();
    write(&mut state, &arg, "value", Value::Text(b"-v")).unwrap();
    state.table_add(&Table::Threads, key(90), &mut new).unwrap();
    assert!(state.table_add(&Table::Threads, key(91), &mut new).is_err(), "it is in the table already");
    let t = state.threads.get(90).unwrap();
    assert_eq!((t.args().to_list().as_wire(), state.threads.parent(t).map(|p| p.tid.get())), (&b"-v\0"[..], Some(7)));
    // A thread with the same tid replaces it.
    let mut other = state.table_new(&Table::Threads).unwrap();
    state.table_add(&Table::Threads, key(90), &mut other).unwrap();
    assert!(state.threads.get(90).unwrap().args().is_empty());
    expect(&state, &new, "pid", Value::I64(90));
    let fds = of(&state, 90, SubTable::Fds);
    let mut fd = state.table_new(&fds).unwrap();
    write(&mut state, &fd, "name", Value::Text(b"/f")).unwrap();
    assert!(state.table_add(&args, key(0), &mut fd).is_err());
    state.table_add(&fds, key(5), &mut fd).unwrap();
    assert!(state.table_add(&fds, key(6), &mut fd).is_err());
    let t = state.threads.get(90).unwrap();
    assert_eq!((t.own_fds.get(5).unwrap().name(), t.own_fds.get(5).unwrap().fd.get()), (&b"/f"[..], 5));
    assert!(state.table_erase(&fds, key(6)).is_err());
    state.table_erase(&fds, key(5)).unwrap();
    state.table_clear(&fds).unwrap();
    state.table_erase(&Table::Threads, key(90)).unwrap();
    assert!(state.table_erase(&Table::Threads, key(90)).is_err());
    state.threads.set_limit(0);
    let mut late = state.table_new(&Table::Threads).unwrap();
    let full = state.table_add(&Table::Threads, key(91), &mut late).unwrap_err();
    assert_eq!(full.to_string(), "the table is full");
    assert_ne!(state.epoch(), epoch);
    for entry in [new, arg, other, fd, late] {
        state.entry_release(entry);
    }
    state.table_clear(&Table::Threads).unwrap();
    assert!(state.threads.is_empty());
}

#[test]
fn a_thread_that_shares_files_has_the_table_of_its_process() {
    let mut state = state();
    let second = Thread::new(71);
    second.pid.set(7);
    second.ptid.set(1);
    second.flags.set(cl::CLONE_FILES | cl::CLONE_THREAD);
    state.add_thread(second, true).unwrap();
    let fds = of(&state, 71, SubTable::Fds);
    assert_eq!(state.table_len(&fds), 1);
    let mut fd = state.table_new(&fds).unwrap();
    state.table_add(&fds, key(4), &mut fd).unwrap();
    assert!(state.threads.get(7).unwrap().own_fds.get(4).is_some());
    let entries = walked(&state, &fds);
    assert_eq!(entries.len(), 2);
    entries.into_iter().chain([fd]).for_each(|entry| state.entry_release(entry));
}

#[test]
fn tables_of_a_programs_own() {
    let mut state = state();
    let table = state.tables.add_owned("mine", ColumnType::Text).unwrap();
    let shape = Table::Owned(table.clone()).shape();
    let table = Table::Owned(table);
    state.tables.add_column(shape, "count", ColumnType::I32).unwrap();
    let (nested, inner) = state.tables.add_nested(shape, "inner", ColumnType::U16).unwrap();
    assert_eq!(state.tables.add_nested(shape, "inner", ColumnType::U16).unwrap(), (nested, inner));
    assert!(state.tables.add_nested(shape, "inner", ColumnType::U8).is_err());
    assert!(state.tables.add_nested(shape, "count", ColumnType::U8).is_err());
    let mut entry = state.table_new(&table).unwrap();
    state.table_add(&table, Key::Text(b"a"), &mut entry).unwrap();
    write(&mut state, &entry, "count", Value::I32(-4)).unwrap();
    let within = state.entry_read(&entry, nested, |v| match v {
        Value::Table(table) => Table::Owned(table.clone()),
        other => panic!("{other:?}"),
    });
    let within = within.unwrap();
    state.tables.add_column(inner, "word", ColumnType::Text).unwrap();
    let mut word = state.table_new(&within).unwrap();
    assert!(state.table_add(&table, Key::Text(b"b"), &mut word).is_err(), "an entry of another kind of table");
    state.table_add(&within, key(9), &mut word).unwrap();
    write(&mut state, &word, "word", Value::Text(b"w")).unwrap();
    let found = state.table_get(&table, Key::Text(b"a")).unwrap();
    expect(&state, &found, "count", Value::I32(-4));
    assert!(state.table_get(&table, Key::Text(b"b")).is_err() && state.table_get(&table, key(1)).is_err());
    assert_eq!((state.table_len(&table), state.table_len(&within)), (1, 1));
    state.table_erase(&table, Key::Text(b"a")).unwrap();
    assert!(state.table_erase(&table, Key::Text(b"a")).is_err());
    expect(&state, &found, "count", Value::I32(-4));
    expect(&state, &word, "word", Value::Text(b"w"));
    state.table_clear(&within).unwrap();
    assert_eq!((state.table_len(&table), state.table_len(&within)), (0, 0));
}

#[test]
fn the_short_ways_to_a_thread_read_what_the_long_one_does() {
    let mut state = state();
    let entry = state.table_get(&Table::Threads, key(7)).unwrap();
    for (name, text) in [("comm", "a"), ("exe", "b"), ("exe_path", "c"), ("root", "d")] {
        write(&mut state, &entry, name, Value::Text(text.as_bytes())).unwrap();
    }
    let mut texts = 0;
    let names: Vec<_> = state.tables.columns(ShapeId::THREADS).map(|c| c.name.to_owned()).collect();
    for name in names {
        let id = column(&state, ShapeId::THREADS, &name);
        let short = state.tables.thread_column(id).expect("a fixed column");
        let value = state.read_thread(&entry, short).expect("a value");
        state.entry_read(&entry, id, |long| assert_eq!(long, value, "{name}")).unwrap();
        if let Some(which) = short.text() {
            texts += 1;
            assert_eq!(state.read_thread_text(&entry, which).map(Value::Text), Some(value), "{name}");
        }
    }
    assert_eq!(texts, 4);
    let added = state.tables.add_column(ShapeId::THREADS, "own", ColumnType::U64).unwrap();
    assert!(state.tables.thread_column(added).is_none());
    assert!(state.tables.thread_column(column(&state, ShapeId::FDS, "name")).is_none());
    let file = state.table_get(&of(&state, 7, SubTable::Fds), key(3)).unwrap();
    let comm = state.tables.thread_column(column(&state, ShapeId::THREADS, "comm")).unwrap();
    assert!(state.read_thread(&file, comm).is_none());
    state.entry_release(file);
    state.entry_release(entry);
}

/// What may be changed while the state is read: values of added columns, and tables of programs.
#[test]
fn added_columns_and_own_tables_are_written_while_the_state_is_read() {
    let mut state = state();
    let own = state.tables.add_owned("own", ColumnType::I64).unwrap();
    let count = state.tables.add_column(own.shape(), "count", ColumnType::U64).unwrap();
    let seen = state.tables.add_column(ShapeId::THREADS, "seen", ColumnType::U64).unwrap();
    let of_file = state.tables.add_column(ShapeId::FDS, "seen", ColumnType::Text).unwrap();
    let comm = column(&state, ShapeId::THREADS, "comm");
    let thread = state.table_get(&Table::Threads, key(7)).unwrap();
    let file = state.table_get(&of(&state, 7, SubTable::Fds), key(3)).unwrap();
    let (state, own) = (&state, Table::Owned(own));
    let epoch = state.epoch();
    state.entry_write_while_read(&thread, seen, Value::U64(5)).unwrap();
    state.entry_write_while_read(&file, of_file, Value::Text(b"five")).unwrap();
    assert_ne!(state.epoch(), epoch);
    state.entry_read(&thread, seen, |v| assert_eq!(v, Value::U64(5))).unwrap();
    state.entry_read(&file, of_file, |v| assert_eq!(v, Value::Text(b"five"))).unwrap();
    let entry = state.table_new_while_read(&own).unwrap();
    state.entry_write_while_read(&entry, count, Value::U64(1)).unwrap();
    state.table_add_while_read(&own, key(9), &entry).unwrap();
    state.entry_read(&state.table_get(&own, key(9)).unwrap(), count, |v| assert_eq!(v, Value::U64(1))).unwrap();
    assert!(state.table_add_while_read(&own, key(9), &thread).is_err());
    state.table_erase_while_read(&own, key(9)).unwrap();
    assert!(state.table_erase_while_read(&own, key(9)).is_err());
    state.table_clear_while_read(&own).unwrap();
    assert_eq!(state.table_len(&own), 0);
    // The rest is refused.
    let refused =
        |done: Result<(), TableError>| assert!(done.is_err_and(|e| e.to_string().contains("being evaluated")));
    refused(state.entry_write_while_read(&thread, comm, Value::Text(b"x")));
    refused(state.table_new_while_read(&Table::Threads).map(drop));
    refused(state.table_add_while_read(&Table::Threads, key(1), &thread));
    refused(state.table_erase_while_read(&Table::Threads, key(7)));
    refused(state.table_clear_while_read(&of(state, 7, SubTable::Fds)));
    assert!(state.entry_write_while_read(&thread, seen, Value::I64(5)).is_err(), "another type");
}
