// SPDX-License-Identifier: Apache-2.0
// Lists of what the library knows, on the standard output.
#pragma once

// Prints every system call and tracepoint with its code, and its native number if it has one.
void list_calls(void);

// Prints every event with its code and its parameters.
void list_events(void);
