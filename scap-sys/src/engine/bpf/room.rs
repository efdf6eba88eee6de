//! Room for the files that a load opens.

use std::io;

/// Files that are open for a moment while libbpf finds out about the kernel.
const BESIDES: usize = 8;

/// Fails with EMFILE or ENFILE if the process cannot open `files` more. libbpf asks the kernel for features between its maps and programs, takes any
/// error for "not supported", and remembers that for the life of the process: the load would fail for a cause that has nothing to do with files.
pub(super) fn check(files: usize) -> io::Result<()> {
    let (end, _) = io::pipe()?;
    let held: io::Result<Vec<io::PipeReader>> = (0..files + BESIDES).map(|_| end.try_clone()).collect();
    held.map(drop)
}
