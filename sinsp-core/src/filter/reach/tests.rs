//! Tests of the analysis of filters.

use super::*;
use crate::filter::Factory;
use EventType as T;
use Outcome::{Failed, Succeeded, Without};

/// The kinds for which a filter can hold.
fn cases(filter: &str) -> Cases {
    *Factory::new().compile_text(filter.as_bytes()).unwrap_or_else(|e| panic!("{filter}: {e}")).cases()
}

/// Whether a filter can hold for an event that succeeded, failed, and has no result.
fn at(filter: &str, ty: EventType) -> [bool; 3] {
    let cases = cases(filter);
    Outcome::ALL.map(|outcome| cases.contains(ty, outcome))
}

const OPENAT: EventType = T::SYSCALL_OPENAT_2_X;

#[test]
fn the_type_decides() {
    for (filter, want) in [
        ("evt.type = openat", [true; 3]),
        ("evt.type in (open, openat)", [true; 3]),
        ("evt.type != openat", [false; 3]),
        ("not evt.type = openat", [false; 3]),
        ("not evt.type in (open, close)", [true; 3]),
        ("evt.type startswith open", [true; 3]),
        ("syscall.type glob 'clo*'", [false; 3]),
        ("evt.type exists", [true; 3]),
        ("not evt.type exists", [false; 3]),
        ("evt.type.is.close = 1", [false; 3]),
        ("evt.type.is.close = 0", [true; 3]),
        ("syscall.type = openat", [true; 3]),
        ("evt.dir = <", [true; 3]),
        ("evt.dir = >", [false; 3]),
        ("evt.is_io = true", [false; 3]),
        ("evt.is_wait = false", [true; 3]),
        ("evt.type in ()", [false; 3]),
    ] {
        assert_eq!(at(filter, OPENAT), want, "{filter}");
    }
}

#[test]
fn the_result_decides() {
    for (filter, want) in [
        ("evt.failed = true", [false, true, false]),
        ("evt.failed = false", [true, false, false]),
        ("not evt.failed = true", [true, false, true]),
        ("evt.failed exists", [true, true, false]),
        ("evt.res = SUCCESS", [true, false, false]),
        ("evt.res != SUCCESS", [false, true, false]),
        ("evt.res = ENOENT", [false, true, false]),
        ("evt.res in (SUCCESS, EINPROGRESS)", [true, true, false]),
        ("not evt.res = SUCCESS", [false, true, true]),
        ("evt.res startswith E", [false, true, false]),
        ("evt.rawres >= 0", [true, false, false]),
        ("evt.rawres < 0", [false, true, false]),
        ("evt.rawres > 3", [true, false, false]),
        ("evt.rawres in (0, -115)", [true, true, false]),
        ("evt.rawres in (0, 5)", [true, false, false]),
        ("evt.rawres != -1", [true, true, false]),
        ("not evt.rawres >= 0", [false, true, true]),
        ("evt.rawres > -1", [true, false, false]),
        ("evt.rawres >= -1", [true, true, false]),
        ("evt.rawres <= -9223372036854775808", [false, true, false]),
        ("evt.rawres = anyof (-2, -13)", [false, true, false]),
        ("evt.count.error = 1", [false, true, false]),
    ] {
        assert_eq!(at(filter, OPENAT), want, "{filter}");
    }
    assert_eq!(at("evt.rawarg.res >= 0", T::SYSCALL_UNLINK_2_X), [true, false, true]);
    assert_eq!(at("evt.rawarg.res >= 0", OPENAT), [false; 3], "its result is its fd");
}

#[test]
fn what_is_not_known_can_be_either() {
    for filter in [
        "proc.name = cat",
        "not proc.name = cat",
        "fd.name startswith /etc",
        "tolower(evt.type) = close",
        "not tolower(evt.type) = openat",
        "evt.type = val(evt.arg[1])",
        "evt.category = file",
        "fd.directory pmatch (/etc)",
        "evt.num > 3",
    ] {
        assert_eq!(at(filter, OPENAT), [true; 3], "{filter}");
    }
}

#[test]
fn junctions_combine_both_sides() {
    for (filter, want) in [
        ("evt.type = openat and evt.rawres >= 0", [true, false, false]),
        ("evt.type = openat and proc.name = x and not evt.failed = true", [true, false, true]),
        ("evt.type = openat and (evt.rawres >= 0 or proc.name = x)", [true, true, true]),
        ("evt.type = close or evt.failed = true", [false, true, false]),
        ("not (evt.type = openat and evt.failed = true)", [true, false, true]),
        ("not (evt.type = close or evt.failed = true)", [true, false, true]),
        ("not (evt.type = close and proc.name = x)", [true; 3]),
        ("not (not evt.type = openat or not evt.rawres = 3)", [true, false, false]),
    ] {
        assert_eq!(at(filter, OPENAT), want, "{filter}");
    }
}

#[test]
fn an_fd_is_created_by_success_alone() {
    let open_read = "evt.type in (open,openat) and evt.is_open_read=true and fd.typechar='f' and fd.num>=0";
    assert_eq!(at(open_read, OPENAT), [true, false, true]);
    assert_eq!(at("fd.num = -1", OPENAT), [true; 3]);
    assert_eq!(at("not fd.num >= 0", OPENAT), [true; 3], "the thread may be unknown");
    assert_eq!(at("fd.num >= 0", T::SYSCALL_READ_X), [true; 3], "the fd is an argument");
}

#[test]
fn a_parameter_is_where_its_name_is() {
    assert_eq!(at("evt.arg.flags contains O_CREAT", OPENAT), [true; 3]);
    assert_eq!(at("evt.arg.flags contains O_CREAT", T::SYSCALL_CLOSE_X), [false; 3]);
    assert_eq!(at("not evt.arg.flags contains O_CREAT", T::SYSCALL_CLOSE_X), [true; 3]);
    assert_eq!(at("evt.arg[0] = 3", T::SYSCALL_CLOSE_X), [true; 3]);
}

#[test]
fn generic_events_are_known_by_their_call() {
    let cases = |filter| {
        let cases = cases(filter);
        [Sc::GETPPID, Sc::UNAME, Sc(0)].map(|sc| cases.contains_generic(sc))
    };
    assert_eq!(cases("evt.type = getppid"), [true, false, true], "a call may not have been known");
    assert_eq!(cases("evt.type != getppid"), [false, true, true]);
    assert_eq!(cases("evt.type = openat"), [false, false, true]);
    assert_eq!(cases("syscall.type in (getppid, openat)"), [true, false, true]);
    assert_eq!(cases("evt.failed = true"), [false, false, true], "the generic event has no result");
    assert_eq!(cases("not evt.failed = true"), [true; 3]);
    assert_eq!(cases("evt.arg.flags exists"), [false, false, true]);
    assert_eq!(cases("proc.name = x"), [true; 3]);
}

#[test]
fn events_named_by_their_parameters_are_unknown() {
    for ty in [T::ASYNCEVENT_E, T::PLUGINEVENT_E, T::GENERIC_E] {
        assert!(at("evt.type = openat", ty)[Without as usize], "{ty:?}");
        assert!(at("not evt.type = openat", ty)[Without as usize], "{ty:?}");
    }
}

#[test]
fn an_event_of_a_capture_is_numbered() {
    assert_eq!(cases("evt.num = 0"), Cases::NONE);
    assert_eq!(at("not evt.num = 0 and evt.type = openat", OPENAT), [true; 3]);
    assert_eq!((cases("not evt.num >= 0"), at("evt.num >= 0", OPENAT)), (Cases::NONE, [true; 3]));
    assert_eq!(at("evt.num > 7", OPENAT), [true; 3]);
    // Other events may have no number: the types are those of all.
    let filter = Factory::new().compile_text(b"evt.num = 0 and evt.type = openat").unwrap();
    assert!(filter.types().contains(OPENAT.0) && *filter.cases() == Cases::NONE);
}

#[test]
fn the_types_of_a_filter_are_those_of_its_kinds() {
    let filter = Factory::new().compile_text(b"evt.type = openat and evt.failed = true").unwrap();
    assert!(filter.types().contains(OPENAT.0) && !filter.types().contains(T::SYSCALL_OPENAT_2_E.0));
    assert!(!filter.cases().contains(OPENAT, Succeeded) && filter.cases().contains(OPENAT, Failed));
    let names: Vec<&str> = filter.fields().iter().map(|field| field.name).collect();
    assert_eq!(names, ["evt.failed", "evt.type"]);
}
