/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_const.rs. Change it there, then run: ./dev headers */

#pragma once

/**
 * Success.
 */
#define SCAP_SUCCESS 0

/**
 * Failure; the error text has the cause.
 */
#define SCAP_FAILURE 1

/**
 * No event within the time-out; try again.
 */
#define SCAP_TIMEOUT -1

/**
 * An argument is invalid.
 */
#define SCAP_ILLEGAL_INPUT 3

/**
 * The object of the call does not exist.
 */
#define SCAP_NOTFOUND 4

/**
 * The buffer is too small; the required size was written.
 */
#define SCAP_INPUT_TOO_SMALL 5

/**
 * The end of the input.
 */
#define SCAP_EOF 6

/**
 * A new section starts in the capture: call `scap_restart_capture`.
 */
#define SCAP_UNEXPECTED_BLOCK 7

/**
 * The versions of the driver and of the library do not match.
 */
#define SCAP_VERSION_MISMATCH 8

/**
 * The engine, the kernel or this machine does not support it.
 */
#define SCAP_NOT_SUPPORTED 9

/**
 * An event was filtered out; try again.
 */
#define SCAP_FILTERED_EVENT 10

/**
 * The size of every error buffer in bytes, with the NUL.
 */
#define SCAP_LASTERR_SIZE 256
