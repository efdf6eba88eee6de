// SPDX-License-Identifier: Apache-2.0
// Forwarding header: the transformers of a field's values.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_filter_transformers/sinsp_filter_transformer.h>
