// SPDX-License-Identifier: Apache-2.0
// What objects have in common that can be entries of tables of state.
#pragma once

namespace libsinsp {
namespace state {

class extensible_struct {
public:
	extensible_struct() = default;
	virtual ~extensible_struct() = default;
};

}  // namespace state
}  // namespace libsinsp
