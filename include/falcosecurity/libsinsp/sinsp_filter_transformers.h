// SPDX-License-Identifier: Apache-2.0
// The transformers that can be applied to a check's values.
#pragma once

#include <libsinsp/sinsp_filter_transformers/sinsp_filter_transformer.h>
