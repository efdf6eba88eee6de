/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/scap_const.rs. Change it there, then run: ./dev headers */

#pragma once

/*
 It went well.
 */
#define SCAP_SUCCESS 0

/*
 It failed; the error text says why.
 */
#define SCAP_FAILURE 1

/*
 Nothing happened within the time-out; try again.
 */
#define SCAP_TIMEOUT -1

/*
 An argument makes no sense.
 */
#define SCAP_ILLEGAL_INPUT 3

/*
 The thing asked for does not exist.
 */
#define SCAP_NOTFOUND 4

/*
 The buffer is too small; the size needed was written.
 */
#define SCAP_INPUT_TOO_SMALL 5

/*
 The input is at its end.
 */
#define SCAP_EOF 6

/*
 A new section starts in the capture: call `scap_restart_capture`.
 */
#define SCAP_UNEXPECTED_BLOCK 7

/*
 The driver's version and ours do not fit.
 */
#define SCAP_VERSION_MISMATCH 8

/*
 The engine, the kernel or this machine cannot do it.
 */
#define SCAP_NOT_SUPPORTED 9

/*
 There was an event, which was held back.
 */
#define SCAP_FILTERED_EVENT 10

/*
 The size of every buffer for an error text, in bytes.
 */
#define SCAP_LASTERR_SIZE 256
