//! Tests that no BPF program grows unnoticed, neither in instructions nor in what a kernel has to examine to accept it.
//!
//! `driver/programs.tsv` has both numbers of each program. The instructions are those of the program's own function in the object file: they
//! depend on the compiler, but not on a kernel, and are counted without privileges. Functions that are examined apart (`apart_`) are not among
//! them. `verified` is how many instructions a kernel examined, these functions included; kernels report it from 5.16 on.

use super::libbpf::{self, Object};
use super::{BpfEngine, BpfOptions, preemption};
use std::collections::BTreeMap;
use std::fmt::Write;

const TABLE: &str = include_str!("../../../../driver/programs.tsv");
/// How the table is written.
const COMMAND: &str = "cargo test -p scap-sys --lib engine::bpf::programs::write -- --ignored";
/// Kernels reject a program after a million examined instructions, and the count differs much between versions. A program far below the limit
/// on one kernel should be below it on all.
const MOST_VERIFIED: u32 = 60_000;

/// The numbers of a program; `verified` is `None` if it was not loaded, or if the kernel does not report it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Size {
    instructions: usize,
    verified: Option<u32>,
}

type Sizes = BTreeMap<String, Size>;

/// The margin is for other compilers. Clang 14, the one of Debian 12 and of the CI, made the table; clang 16 makes up to 4 instructions or 2 % more
/// of a program, and up to 13 % fewer.
fn most_instructions(before: usize) -> usize {
    before + before / 10 + 8
}

/// The margin is for other kernels and compilers: Linux 6.12 and 7.3 examine up to 26 % (48 instructions) or 510 instructions (2 %) more than 6.18,
/// and up to 16 % (174 instructions) more of what clang 16 makes.
fn most_verified(before: u32) -> u32 {
    before + before / 4 + 100
}

/// The first kernel whose counts are compared. Older ones have another verifier: 6.1 examines up to 3.6 times as many instructions.
const COMPARED_FROM: (u32, u32) = (6, 12);

/// The first two numbers of a kernel's release.
fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

fn release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// Adds the programs of an object file to `sizes`.
fn add_instructions(object: &Object, sizes: &mut Sizes) {
    for (name, instructions) in object.programs() {
        sizes.insert(name, Size { instructions, verified: None });
    }
}

/// The programs of both objects, which are not loaded.
fn in_files() -> Sizes {
    let mut sizes = Sizes::new();
    add_instructions(&Object::open(driver::PROBE).unwrap(), &mut sizes);
    add_instructions(&Object::open(driver::ITERATORS).unwrap(), &mut sizes);
    sizes
}

/// Loads both objects, and adds what the kernel examined; without the privilege returns `None` and prints why.
fn in_kernel() -> Option<Sizes> {
    if let Err(e) = BpfEngine::open(&BpfOptions::default()) {
        eprintln!("SKIPPED: {e}");
        return None;
    }
    let mut sizes = in_files();
    let ring = libbpf::create_ring(4096).unwrap();
    let mut probe = Object::open(driver::PROBE).unwrap();
    probe.set_inner_map("rings", &ring).unwrap();
    probe.set_autocreate("first_calls", false).unwrap();
    preemption::PROGRAMS.iter().for_each(|name| probe.set_autoload(name, false).unwrap());
    probe.load().unwrap();
    let mut iterators = Object::open(driver::ITERATORS).unwrap();
    let iterates = iterators.load().is_ok();
    assert!(
        iterates || version(&release()) < COMPARED_FROM,
        "the iterators were not loaded, which only old kernels lack"
    );
    for object in [Some(&probe), iterates.then_some(&iterators)].into_iter().flatten() {
        for (name, size) in &mut sizes {
            let Ok(fd) = object.program_fd(name) else { continue };
            size.verified = Some(libbpf::info(fd, name).unwrap().verified_insns).filter(|&n| n != 0);
        }
    }
    Some(sizes)
}

fn from_table(table: &str) -> Sizes {
    let row = |line: &str| {
        let [name, instructions, verified] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let verified = (verified != "-").then(|| verified.parse().unwrap());
        (name.to_string(), Size { instructions: instructions.parse().unwrap(), verified })
    };
    table.lines().filter(|line| !line.starts_with('#')).skip(1).map(row).collect()
}

/// What of `now` the table does not allow.
fn complaints(table: &Sizes, now: &Sizes) -> Vec<String> {
    let mut list = Vec::new();
    for (name, now) in now {
        let Some(before) = table.get(name) else {
            list.push(format!("{name} is not in the table"));
            continue;
        };
        if now.instructions > most_instructions(before.instructions) {
            list.push(format!("{name} has {} instructions instead of {}", now.instructions, before.instructions));
        }
        if let (Some(now), Some(before)) = (now.verified, before.verified)
            && now > most_verified(before)
        {
            list.push(format!("{name} makes the kernel examine {now} instructions instead of {before}"));
        }
    }
    list.extend(table.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name} is gone")));
    list
}

/// Fails for what the table does not allow. It is that of x86_64; other architectures have other programs.
fn compare(now: &Sizes) {
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    let list = complaints(&from_table(TABLE), now);
    assert!(list.is_empty(), "driver/programs.tsv, which `{COMMAND}` writes anew:\n{}", list.join("\n"));
}

#[test]
fn no_program_has_grown() {
    assert!(TABLE.lines().next().unwrap().contains(COMMAND));
    compare(&in_files());
}

#[test]
fn no_program_is_hard_to_verify() {
    let Some(sizes) = in_kernel() else { return };
    if version(&release()) >= COMPARED_FROM {
        compare(&sizes);
    }
    let hard = |size: &Size| size.verified.is_some_and(|n| n > MOST_VERIFIED);
    assert_eq!(sizes.iter().filter(|(_, size)| hard(size)).collect::<Vec<_>>(), []);
}

#[test]
fn growth_and_rows_without_a_program_are_told() {
    let size = |instructions, verified| Size { instructions, verified };
    let sizes = |rows: &[(&str, Size)]| rows.iter().map(|(name, size)| (name.to_string(), *size)).collect::<Sizes>();
    let table = from_table("# text\nprogram\tinstructions\tverified\na\t100\t1000\nb\t100\t-\nc\t100\t1000\n");
    let rows = [("a", size(100, Some(1000))), ("b", size(100, None)), ("c", size(100, Some(1000)))];
    assert_eq!(table, sizes(&rows));
    assert_eq!([version("6.12.117+deb13-cloud-amd64"), version("7.3-rc1")], [(6, 12), (7, 3)]);
    let (most, most_verified) = (most_instructions(100), most_verified(1000));
    let now = [("a", size(most, None)), ("b", size(most, Some(9999))), ("c", size(1, Some(most_verified)))];
    assert_eq!(complaints(&table, &sizes(&now)), [""; 0]);
    let now = [("a", size(most + 1, None)), ("c", size(100, Some(most_verified + 1))), ("d", size(1, None))];
    let list = complaints(&table, &sizes(&now)).join("\n");
    assert_eq!(
        list,
        format!(
            "a has {} instructions instead of 100\nc makes the kernel examine {} instructions instead of 1000\nd is not in the table\nb is gone",
            most + 1,
            most_verified + 1
        )
    );
}

/// Writes the table, on x86_64 as root.
#[test]
#[ignore = "writes driver/programs.tsv"]
fn write() {
    let sizes = in_kernel().expect("the privilege to load the programs");
    let clang = std::env::var("CLANG").unwrap_or_else(|_| "clang".into());
    let version = std::process::Command::new(clang).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let mut table = format!(
        "# Written by: {COMMAND}\n# {}, {}, Linux {}; scap-sys/src/engine/bpf/programs.rs describes and compares it.\nprogram\tinstructions\tverified\n",
        std::env::consts::ARCH,
        version.lines().next().unwrap_or_default(),
        release().split('-').next().unwrap_or_default()
    );
    for (name, size) in sizes {
        let verified = size.verified.map_or("-".into(), |n| n.to_string());
        let _ = writeln!(table, "{name}\t{}\t{verified}", size.instructions);
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../driver/programs.tsv"), table).unwrap();
}
