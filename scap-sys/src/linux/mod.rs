//! What Linux itself tells of its threads, fds, users and interfaces.
