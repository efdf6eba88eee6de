//! The parsers: how each event changes what is known of threads and fds.
