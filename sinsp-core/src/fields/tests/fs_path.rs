use super::*;

const CWD: i64 = flags::AT_FDCWD as i64;
const EMPTY_PATH: u32 = 0x1000;
const IN_ROOT: u32 = 2;

/// A path, and the directory that it is relative to: the thread is in `/home/me`, fd 4 is `/srv`, fd 3 a file, fd 99 not known.
const RELATIVE: [(i64, &str, &str); 9] = [
    (CWD, "a", "/home/me/a"),
    (CWD, "../b/./c//", "/home/b/c"),
    (CWD, "/x/../y", "/y"),
    (4, "a", "/srv/a"),
    (4, "..", "/"),
    (4, "/x", "/x"),
    (99, "/x", "/x"),
    (99, "a", "<UNKNOWN>a"),
    // The 32 bits of AT_FDCWD without their sign.
    (0xFFFF_FF9C, "a", "/home/me/a"),
];

#[test]
fn paths_of_calls_on_one_path() {
    use EventType as T;
    for (dirfd, path, want) in RELATIVE {
        let (ok, dir, path, zero) = (0i64.into(), dirfd.into(), path.into(), 0u32.into());
        for (ty, params) in [
            (T::SYSCALL_MKDIRAT_X, vec![ok, dir, path, zero]),
            (T::SYSCALL_UNLINKAT_2_X, vec![ok, dir, path, zero]),
            (T::SYSCALL_FCHMODAT_X, vec![ok, dir, path, zero]),
            (T::SYSCALL_FCHOWNAT_X, vec![ok, dir, path, zero, zero, zero]),
            (T::SYSCALL_MKNODAT_X, vec![ok, dir, path, zero, zero]),
            (T::SYSCALL_NEWFSTATAT_X, vec![ok, dir, path, zero]),
            (T::SYSCALL_OPENAT_2_X, vec![(-2i64).into(), dir, path, zero, zero, zero, 0u64.into()]),
            (T::SYSCALL_OPENAT2_X, vec![(-2i64).into(), dir, path, zero, zero, zero, zero, 0u64.into()]),
        ] {
            case(ty, &params).check(&[("fs.path.name", want), ("fs.path.source", "-")]);
        }
        if dirfd == CWD {
            for (ty, params) in [
                (T::SYSCALL_MKDIR_2_X, vec![ok, path]),
                (T::SYSCALL_RMDIR_2_X, vec![ok, path]),
                (T::SYSCALL_UNLINK_2_X, vec![ok, path]),
                (T::SYSCALL_CHMOD_X, vec![ok, path, zero]),
                (T::SYSCALL_CHOWN_X, vec![ok, path, zero, zero]),
                (T::SYSCALL_LCHOWN_X, vec![ok, path, zero, zero]),
                (T::SYSCALL_MKNOD_X, vec![ok, path, zero, zero]),
                (T::SYSCALL_CREAT_X, vec![(-2i64).into(), path, zero]),
            ] {
                case(ty, &params).check(&[("fs.path.name", want), ("fs.path.target", "-")]);
            }
        }
    }
}

#[test]
fn paths_of_calls_on_two_paths() {
    use EventType as T;
    for (dirfd, path, want) in RELATIVE {
        let (ok, dir, path, zero) = (0i64.into(), dirfd.into(), path.into(), 0u32.into());
        let (other_dir, other) = (4i64.into(), "o".into());
        for (ty, params, reversed) in [
            (T::SYSCALL_RENAMEAT_X, vec![ok, dir, path, other_dir, other], false),
            (T::SYSCALL_RENAMEAT2_X, vec![ok, dir, path, other_dir, other, zero], false),
            (T::SYSCALL_RENAMEAT2_X, vec![ok, other_dir, other, dir, path, zero], true),
            // What a link leads to is its target.
            (T::SYSCALL_LINKAT_2_X, vec![ok, dir, path, other_dir, other, zero], true),
            (T::SYSCALL_LINKAT_2_X, vec![ok, other_dir, other, dir, path, zero], false),
        ] {
            let (source, target) = if reversed { ("/srv/o", want) } else { (want, "/srv/o") };
            let event = case(ty, &params);
            event.check(&[("fs.path.source", source), ("fs.path.target", target), ("fs.path.name", "-")]);
        }
    }
}

#[test]
fn what_a_symbolic_link_contains_is_relative_to_the_link() {
    let link = |dirfd: i64, link: &str, content: &str| {
        let event = case(EventType::SYSCALL_SYMLINKAT_X, &[0i64.into(), content.into(), dirfd.into(), link.into()]);
        (event.ask("fs.path.source"), event.ask("fs.path.target"), event.ask("fs.path.targetraw"))
    };
    let texts = |a: &str, b: &str, c: &str| (a.to_string(), b.to_string(), c.to_string());
    assert_eq!(link(CWD, "d/l", "x"), texts("/home/me/d/l", "/home/me/d/x", "x"));
    assert_eq!(link(4, "l", "../x"), texts("/srv/l", "/x", "../x"));
    assert_eq!(link(99, "l", "x"), texts("<UNKNOWN>l", "<UNKNOWN>x", "x"));
    assert_eq!(link(99, "l", "/etc//x"), texts("<UNKNOWN>l", "/etc/x", "/etc//x"));
    case(EventType::SYSCALL_SYMLINK_X, &[0i64.into(), "x".into(), "/etc/l".into()])
        .check(&[("fs.path.source", "/etc/l"), ("fs.path.target", "/etc/x")]);
}

#[test]
fn an_empty_path_is_the_file_behind_the_fd() {
    use EventType as T;
    let zero = 0u32.into();
    for (dirfd, path, flags, want) in [
        (3i64, "", EMPTY_PATH, "/tmp/a.txt"),
        (4, "", EMPTY_PATH, "/srv"),
        (CWD, "", EMPTY_PATH, "/home/me"),
        (6, "", EMPTY_PATH, "pipe:[7]"),
        (4, "x", EMPTY_PATH, "/srv/x"),
        (4, "", 0, ""),
    ] {
        let (ok, dir, path, flags) = (0i64.into(), dirfd.into(), path.into(), flags.into());
        case(T::SYSCALL_FCHOWNAT_X, &[ok, dir, path, zero, zero, flags]).check(&[("fs.path.name", want)]);
        case(T::SYSCALL_NEWFSTATAT_X, &[ok, dir, path, flags]).check(&[("fs.path.name", want)]);
        case(T::SYSCALL_LINKAT_2_X, &[ok, dir, path, 4i64.into(), "n".into(), flags])
            .check(&[("fs.path.target", want), ("fs.path.source", "/srv/n")]);
    }
    // The path of fstatat(2) may be null.
    let params = [0i64.into(), 4i64.into(), Value::Null, EMPTY_PATH.into()];
    case(T::SYSCALL_NEWFSTATAT_X, &params).check(&[("fs.path.name", "/srv")]);
}

#[test]
fn a_directory_as_the_root() {
    for (path, want) in [("/etc/passwd", "/srv/etc/passwd"), ("../../x", "/srv/x"), ("x", "/srv/x")] {
        let params = |flags: u32| {
            let zero = 0u32.into();
            [(-2i64).into(), 4i64.into(), path.into(), zero, zero, flags.into(), zero, 0u64.into()]
        };
        let rooted = case(EventType::SYSCALL_OPENAT2_X, &params(IN_ROOT));
        rooted.check(&[("fs.path.name", want), ("fd.name", want), ("evt.abspath", want), ("evt.arg.name", want)]);
    }
}

#[test]
fn calls_that_fail_and_calls_on_fds() {
    let mkdirat = |res: i64| {
        let params = [res.into(), 4i64.into(), "sub//dir/".into(), 0u32.into()];
        case(EventType::SYSCALL_MKDIRAT_X, &params).about(4)
    };
    mkdirat(0).check(&[("fs.path.name", "/srv/sub/dir"), ("fs.path.nameraw", "sub//dir/"), ("fs.path.source", "-")]);
    mkdirat(-17).check(&[("fs.path.name", "-"), ("fs.path.nameraw", "-")]);
    let params = [0i64.into(), 4i64.into(), "a".into(), 99i64.into(), "b".into(), 0u32.into()];
    case(EventType::SYSCALL_RENAMEAT2_X, &params).check(&[
        ("fs.path.sourceraw", "a"),
        ("fs.path.targetraw", "b"),
        ("evt.abspath.src", "/srv/a"),
        ("evt.abspath.dst", "<UNKNOWN>/b"),
    ]);
    let chmod = |fd: i64| case(EventType::SYSCALL_FCHMOD_X, &[0i64.into(), fd.into(), 0u32.into()]).about(fd);
    chmod(3).check(&[("fs.path.name", "/tmp/a.txt"), ("fs.path.nameraw", "/tmp/a.txt"), ("fs.path.target", "-")]);
    chmod(6).check(&[("fs.path.name", "pipe:[7]"), ("fs.path.nameraw", "pipe:[7]")]);
    chmod(99).check(&[("fs.path.name", ""), ("fs.path.nameraw", "")]);
    openat(3, 4, "a.txt").about(3).check(&[("fs.path.name", "/tmp/a.txt"), ("fs.path.nameraw", "a.txt")]);
    openat(-2, 4, "z").check(&[("fs.path.name", "/srv/z"), ("fs.path.nameraw", "z")]);
    openat(-1, 4, "z").check(&[("fs.path.name", "-"), ("fs.path.nameraw", "-")]);
}
