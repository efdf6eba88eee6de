//! The C APIs of libscap and libsinsp in one archive, with one copy of the engines, the probe and libbpf under them.
//!
//! `cmake/link-object.sh` takes from it what each library needs: both APIs for the shared library, one API for each static library.

extern crate plugin as _;
extern crate scap as _;
extern crate sinsp as _;
