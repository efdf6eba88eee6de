//! Events, threads and fds as text on the standard output.

pub mod scap_print;
pub mod scap_print_procs;
