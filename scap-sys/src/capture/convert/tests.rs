use super::*;
use crate::encode::{self, Value};
use EventType as E;

const TS: u64 = 12;
const TID: i64 = 25;

fn make(ty: E, params: &[Value<'_>]) -> Vec<u8> {
    encode::event(TS, TID, ty, params).unwrap()
}

/// Converts events in order; returns the delivered ones.
fn run(events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut converter = Converter::new();
    let mut out = Vec::new();
    let mut shown = Vec::new();
    for bytes in events {
        let event = Event::new(bytes, 3, 0).unwrap();
        match converter.convert(&event, &mut out).unwrap() {
            Outcome::Same => shown.push(bytes.clone()),
            Outcome::Converted => {
                Event::new(&out, 3, 0).unwrap();
                shown.push(out.clone());
            }
            Outcome::Dropped => {}
        }
    }
    shown
}

#[test]
fn an_exit_event_gets_the_arguments_of_its_enter_event() {
    let enter = make(E::SYSCALL_READ_E, &[5i64.into(), 512u32.into()]);
    let exit = make(E::SYSCALL_READ_X, &[3i64.into(), b"abc".into()]);
    let want = make(E::SYSCALL_READ_X, &[3i64.into(), b"abc".into(), 5i64.into(), 512u32.into()]);
    assert_eq!(run(&[enter, exit]), [want]);
}

#[test]
fn without_the_enter_event_they_are_zero_or_null() {
    let exit = make(E::SYSCALL_READ_X, &[3i64.into(), b"abc".into()]);
    let want = make(E::SYSCALL_READ_X, &[3i64.into(), b"abc".into(), 0i64.into(), 0u32.into()]);
    assert_eq!(run(&[exit]), [want]);
    let exit = make(E::SYSCALL_SETUID_X, &[0i64.into()]);
    assert_eq!(run(&[exit]), [make(E::SYSCALL_SETUID_X, &[0i64.into(), Value::Null])]);
    let exit = make(E::SOCKET_SENDMMSG_X, &[]);
    let null = Value::Null;
    assert_eq!(run(&[exit]), [make(E::SOCKET_SENDMMSG_X, &[0i64.into(), null, null, null, null])]);
}

#[test]
fn an_enter_event_serves_its_own_thread_and_call_once() {
    let enter = make(E::SYSCALL_CLOSE_E, &[7i64.into()]);
    let exit = make(E::SYSCALL_CLOSE_X, &[0i64.into()]);
    let other_call = make(E::SYSCALL_FCHDIR_X, &[0i64.into()]);
    let mut other_thread = exit.clone();
    other_thread[8] += 1;
    let shown = run(&[enter, other_thread, other_call, exit.clone(), exit]);
    let fds: Vec<_> = shown.iter().map(|e| Event::new(e, 0, 0).unwrap().param(1).unwrap().to_vec()).collect();
    let (seven, zero) = (7i64.to_ne_bytes().to_vec(), 0i64.to_ne_bytes().to_vec());
    assert_eq!(fds, [zero.clone(), vec![], seven, zero]);
}

#[test]
fn an_old_execve_goes_through_all_its_versions() {
    let enter = make(E::SYSCALL_EXECVE_8_E, &[]);
    let exit = make(
        E::SYSCALL_EXECVE_8_X,
        &[0i64.into(), "sh".into(), b"-c\0".into(), TID.into(), TID.into(), 1i64.into(), "/".into(), 1024u64.into()],
    );
    let shown = run(&[enter, exit]);
    let [enter, exit] = &shown[..] else { panic!("{} events", shown.len()) };
    let (enter, exit) = (Event::new(enter, 0, 0).unwrap(), Event::new(exit, 0, 0).unwrap());
    assert_eq!((enter.ty(), enter.nparams()), (E::SYSCALL_EXECVE_19_E, 1));
    assert_eq!((exit.ty(), exit.nparams()), (E::SYSCALL_EXECVE_19_X, 31));
    let params: Vec<_> = exit.params().collect();
    assert_eq!((params[1], params[6], params[7]), (&b"sh\0"[..], &b"/\0"[..], &1024u64.to_ne_bytes()[..]));
    assert!(params[8..].iter().all(|p| p.is_empty()));
}

#[test]
fn the_name_of_an_executable_comes_with_its_enter_event() {
    let enter = make(E::SYSCALL_EXECVE_19_E, &["/bin/sh".into()]);
    let exit = make(E::SYSCALL_EXECVE_19_X, &[Value::Null; 30]);
    let shown = run(&[enter.clone(), exit]);
    assert_eq!(shown[0], enter);
    assert_eq!(Event::new(&shown[1], 0, 0).unwrap().param(30), Some(&b"/bin/sh\0"[..]));
}

#[test]
fn a_connect_of_two_parameters_gets_the_fd_alone() {
    let enter = make(E::SOCKET_CONNECT_E, &[9i64.into(), b"addr".into()]);
    let two = make(E::SOCKET_CONNECT_X, &[0i64.into(), b"tuple".into()]);
    let three = make(E::SOCKET_CONNECT_X, &[0i64.into(), b"tuple".into(), 9i64.into()]);
    let full = |addr: &[u8]| make(E::SOCKET_CONNECT_X, &[0i64.into(), b"tuple".into(), 9i64.into(), addr.into()]);
    assert_eq!(run(&[enter.clone(), two])[1], full(b""));
    assert_eq!(run(&[enter, three])[1], full(b"addr"));
}

#[test]
fn a_value_is_cut_to_the_size_of_its_new_type() {
    let enter = make(E::SYSCALL_BPF_E, &[5i64.into()]);
    let exit = make(E::SYSCALL_BPF_X, &[(&3i64.to_ne_bytes()).into()]);
    assert_eq!(run(&[enter, exit]), [make(E::SYSCALL_BPF_2_X, &[3i64.into(), 5u32.into()])]);
}

#[test]
fn a_parameter_may_have_had_another_name() {
    let enter = make(E::SYSCALL_DUP_E, &[4i64.into()]);
    let exit = make(E::SYSCALL_DUP_X, &[8i64.into()]);
    assert_eq!(run(&[enter, exit]), [make(E::SYSCALL_DUP_1_X, &[8i64.into(), 4i64.into()])]);
    let enter = make(E::SYSCALL_BRK_1_E, &[64u32.into()]);
    let exit = make(E::SYSCALL_BRK_1_X, &[1u64.into()]);
    let null = Value::Null;
    assert_eq!(run(&[enter, exit]), [make(E::SYSCALL_BRK_4_X, &[1u64.into(), 64u32.into(), null, null, null])]);
}

#[test]
fn a_container_is_described_in_json() {
    let old = make(E::CONTAINER_E, &["3ad7".into(), 0u32.into(), "a \"b\"".into(), "img\n".into()]);
    let json = r#"{"id":"3ad7","type":0,"name":"a \"b\"","image":"img\u000a"}"#;
    assert_eq!(run(&[old]), [make(E::CONTAINER_JSON_2_E, &[json.into()])]);
    let odd = make(E::CONTAINER_E, &["3ad7".into(), Value::Null, Value::Null, Value::Null]);
    assert_eq!(run(&[odd]), [make(E::CONTAINER_JSON_2_E, &[Value::Null])]);
}

#[test]
fn enter_events_do_not_pile_up() {
    let mut converter = Converter::new();
    let mut out = Vec::new();
    let name = vec![b'x'; 60_000];
    for tid in 0..3000 {
        let enter = encode::event(TS, tid, E::SYSCALL_UNLINK_E, &[name[..].into()]).unwrap();
        let outcome = converter.convert(&Event::new(&enter, 0, 0).unwrap(), &mut out).unwrap();
        assert_eq!(outcome, Outcome::Dropped);
    }
    let kept: usize = converter.kept.values().map(Vec::capacity).sum();
    assert!(kept < 2 * MAX_KEPT, "{kept} bytes");
    assert!(converter.kept(2999).is_some());
}

#[test]
fn an_event_that_needs_no_conversion_is_refused() {
    let event = make(E::SYSCALL_READ_X, &[0i64.into(), b"".into(), 1i64.into(), 2u32.into()]);
    let event = Event::new(&event, 0, 0).unwrap();
    assert_eq!(verdict(&event), Verdict::Pass);
    assert!(Converter::new().step(&event, &mut Vec::new()).is_err());
}

/// For every type and every number of parameters, the result has a type in use and all parameters.
#[test]
fn every_event_comes_to_todays_form() {
    let mut converter = Converter::new();
    let mut out = Vec::new();
    for info in &EVENTS {
        for n in 0..=info.params.len() {
            let values = info.params[..n].iter().map(|p| match fixed_size(p.ty) {
                Some(_) => Value::Number(1),
                None => Value::Bytes(b"x\0"),
            });
            let old = make(info.ty, &values.collect::<Vec<_>>());
            let old = Event::new(&old, 0, 0).unwrap();
            let managed = info.flags.has(EventFlags::CONVERTER_MANAGED);
            match converter.convert(&old, &mut out).unwrap() {
                Outcome::Dropped => assert!(
                    info.flags.has(EventFlags::UNUSED) || info.ty.is_enter(),
                    "{} with {n} parameters is lost",
                    info.enum_name
                ),
                Outcome::Same => assert!(!managed || n == info.params.len(), "{} with {n}", info.enum_name),
                Outcome::Converted => {
                    let new = Event::new(&out, 0, 0).unwrap();
                    let today = new.info().unwrap();
                    assert!(managed, "{}", info.enum_name);
                    assert_eq!(new.nparams() as usize, today.params.len(), "{} with {n}", info.enum_name);
                    assert!(today.ty.is_enter() || !today.flags.has(EventFlags::OLD_VERSION), "{}", info.enum_name);
                    assert_eq!((new.ts(), new.tid()), (TS, TID));
                }
            }
        }
    }
}

#[test]
fn the_rules_name_what_the_event_table_has() {
    let info = |ty: E| &EVENTS[ty.0 as usize];
    for u in rules::UPGRADES {
        assert!(usize::from(u.params) <= info(u.to).params.len(), "{}", info(u.from).enum_name);
        assert!(info(u.from).flags.has(EventFlags::OLD_VERSION), "{}", info(u.from).enum_name);
    }
    for (ty, new, old) in rules::RENAMED {
        let to = rules::UPGRADES.iter().find(|u| u.from == *ty).unwrap().to;
        assert!(info(to).param_index(new).is_some(), "{new}");
        let enter = info(E(ty.0 - 1));
        assert!(info(*ty).param_index(old).is_some() || enter.param_index(old).is_some(), "{old}");
    }
    for (ty, name) in rules::ZERO_IF_MISSING {
        assert!(info(*ty).param_index(name).is_some(), "{name}");
    }
    for (ty, n) in rules::STAGES {
        assert!(usize::from(*n) < info(*ty).params.len());
    }
    let managed = rules::NULL_IF_MISSING.iter().chain(rules::SHOWN.iter().map(|s| &s.0));
    for ty in managed {
        assert!(info(*ty).flags.has(EventFlags::CONVERTER_MANAGED), "{}", info(*ty).enum_name);
    }
}
