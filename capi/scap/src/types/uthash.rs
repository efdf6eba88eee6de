//! The hook of uthash, a hash table in a C header that programs use on the structs of this API, and a table of fds as that header
//! makes it, so that programs may go through it, search it, take fds out of it and free it by the header's macros.

use crate::types::scap::scap_fdinfo;
use std::ffi::{c_uint, c_void};
use std::mem::{offset_of, size_of};
use std::ptr::null_mut;

/// `UT_hash_handle` of uthash 2.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct UT_hash_handle {
    pub tbl: *mut c_void,
    pub prev: *mut c_void,
    pub next: *mut c_void,
    pub hh_prev: *mut UT_hash_handle,
    pub hh_next: *mut UT_hash_handle,
    pub key: *const c_void,
    pub keylen: c_uint,
    pub hashv: c_uint,
}

/// `UT_hash_bucket`.
#[repr(C)]
struct Bucket {
    first: *mut UT_hash_handle,
    count: c_uint,
    expand_mult: c_uint,
}

/// `UT_hash_table`.
#[repr(C)]
struct Table {
    buckets: *mut Bucket,
    num_buckets: c_uint,
    log2_num_buckets: c_uint,
    num_items: c_uint,
    tail: *mut UT_hash_handle,
    /// Where in an element its handle lies.
    hho: isize,
    ideal_chain_maxlen: c_uint,
    nonideal_items: c_uint,
    ineff_expands: c_uint,
    noexpand: c_uint,
    signature: u32,
}

const SIGNATURE: u32 = 0xa011_1fe1;
/// How many buckets a table starts with, as a power of two, and from how many elements per bucket on it gets twice as many.
const LOG2_BUCKETS: u32 = 5;
const PER_BUCKET: u32 = 10;

/// The header's hash function (Bob Jenkins, 1996) of a key of eight bytes.
fn hash(key: i64) -> u32 {
    let golden = 0x9e37_79b9_u32;
    let (mut a, mut b, mut c) =
        (golden.wrapping_add(key as u32), golden.wrapping_add((key >> 32) as u32), 0xfeed_beef_u32 + 8);
    for [right, left, again] in [[13, 8, 13], [12, 16, 5], [3, 10, 15]] {
        a = a.wrapping_sub(b).wrapping_sub(c) ^ (c >> right);
        b = b.wrapping_sub(c).wrapping_sub(a) ^ (a << left);
        c = c.wrapping_sub(a).wrapping_sub(b) ^ (b >> again);
    }
    c
}

/// Zeroed memory that C can free; null if there is none.
fn zeroed<T>(n: usize) -> *mut T {
    // SAFETY: no condition; the answer is checked by the caller.
    unsafe { libc::calloc(n, size_of::<T>()) }.cast()
}

/// Adds `new` to the table that starts with `*head`, or starts one; false if there is no memory, or `*head` is in no such table, and
/// then nothing has changed.
///
/// # Safety
/// `*head` is null or the first element of a table of fds made by this function or the header; `new` is in no table, and lives
/// as long as this one.
pub(crate) unsafe fn add(head: &mut *mut scap_fdinfo, new: *mut scap_fdinfo) -> bool {
    // SAFETY: as the caller promises, all pointers of the table are valid.
    unsafe {
        let hashv = hash((*new).fd);
        let hh = &raw mut (*new).hh;
        let table: *mut Table;
        if head.is_null() {
            table = zeroed(1);
            let buckets: *mut Bucket = zeroed(1 << LOG2_BUCKETS);
            if table.is_null() || buckets.is_null() {
                libc::free(table.cast());
                libc::free(buckets.cast());
                return false;
            }
            *table = Table {
                buckets,
                num_buckets: 1 << LOG2_BUCKETS,
                log2_num_buckets: LOG2_BUCKETS,
                num_items: 0,
                tail: null_mut(),
                hho: offset_of!(scap_fdinfo, hh) as isize,
                ideal_chain_maxlen: 0,
                nonideal_items: 0,
                ineff_expands: 0,
                noexpand: 0,
                signature: SIGNATURE,
            };
            *head = new;
        } else {
            table = (**head).hh.tbl.cast();
            if table.is_null() || (*table).signature != SIGNATURE || !(*table).num_buckets.is_power_of_two() {
                return false;
            }
        }
        let t = &mut *table;
        let last = t.tail;
        *hh = UT_hash_handle {
            tbl: table.cast(),
            prev: if last.is_null() { null_mut() } else { last.byte_sub(t.hho as usize).cast() },
            next: null_mut(),
            hh_prev: null_mut(),
            hh_next: null_mut(),
            key: (&raw const (*new).fd).cast(),
            keylen: size_of::<i64>() as c_uint,
            hashv,
        };
        if !last.is_null() {
            (*last).next = new.cast();
        }
        t.tail = hh;
        t.num_items += 1;
        link(t, hh);
        if t.noexpand == 0 && t.num_items / t.num_buckets >= PER_BUCKET {
            widen(t, *head);
        }
        true
    }
}

/// Puts a handle into its bucket.
///
/// # Safety
/// `hh` and the table are valid.
unsafe fn link(t: &mut Table, hh: *mut UT_hash_handle) {
    // SAFETY: as the caller promises; there is a power of two of buckets.
    unsafe {
        let bucket = &mut *t.buckets.add(((*hh).hashv & (t.num_buckets - 1)) as usize);
        (*hh).hh_prev = null_mut();
        (*hh).hh_next = bucket.first;
        if !bucket.first.is_null() {
            (*bucket.first).hh_prev = hh;
        }
        bucket.first = hh;
        bucket.count += 1;
    }
}

/// Gives a table twice as many buckets, if there is memory for them: without, it is slower.
///
/// # Safety
/// The table is valid and starts with `head`.
unsafe fn widen(t: &mut Table, head: *mut scap_fdinfo) {
    let buckets: *mut Bucket = zeroed(t.num_buckets as usize * 2);
    if buckets.is_null() {
        return;
    }
    // SAFETY: as the caller promises; the old buckets were allocated as C does.
    unsafe {
        libc::free(t.buckets.cast());
        t.buckets = buckets;
        t.num_buckets *= 2;
        t.log2_num_buckets += 1;
        let mut at = head;
        while !at.is_null() {
            link(t, &raw mut (*at).hh);
            at = (*at).hh.next.cast();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::to_c::empty_fd;

    #[test]
    fn fds_are_found_in_their_order_and_what_is_no_table_is_refused() {
        let mut fds: Vec<_> = (0..1000).map(|n| scap_fdinfo { fd: n, ..*empty_fd() }).collect();
        let (first, mut head) = (fds.as_mut_ptr(), null_mut());
        // SAFETY: the fds live as long as the table, and each is added once.
        unsafe {
            assert!((0..1000).all(|n| add(&mut head, first.add(n))));
            let (mut at, mut seen) = (head, 0);
            while !at.is_null() {
                assert_eq!((*at).fd, seen);
                seen += 1;
                at = (*at).hh.next.cast();
            }
            assert_eq!(seen, 1000);
            let table: *mut Table = (*head).hh.tbl.cast();
            assert_eq!(((*table).num_items, (*table).num_buckets), (1000, 128));
            libc::free((*table).buckets.cast());
            libc::free(table.cast());

            // A list that somebody made by hand, and memory that is something else.
            let (mut alone, mut new, mut junk) = (empty_fd(), empty_fd(), [0u64; 16]);
            let mut head: *mut scap_fdinfo = &mut *alone;
            assert!(!add(&mut head, &mut *new));
            (*head).hh.tbl = junk.as_mut_ptr().cast();
            assert!(!add(&mut head, &mut *new));
            assert!(new.hh.tbl.is_null());
        }
    }
}
