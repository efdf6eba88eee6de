// SPDX-License-Identifier: Apache-2.0
// Lists of what the library knows, on the standard output.
#pragma once

// The fields of filters and formats, by class.
void list_fields();

// The events and their parameters, without those that only old captures have.
void list_events();
