//! The C APIs of libscap and libsinsp in one archive, with one copy of the engines, the probe and libbpf under them.
//!
//! `cmake/link-object.sh` takes from it what the shared library needs, which has both APIs, and what each archive needs, which has one.

extern crate plugin as _;
extern crate scap as _;
extern crate sinsp as _;
