// SPDX-License-Identifier: Apache-2.0
// The exception of functions that open an engine.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/sinsp_exception.h>

#include <cstdint>
#include <string>

// An engine could not be opened; scap_rc() is the SCAP_* code of the reason.
class scap_open_exception : public sinsp_exception {
public:
	scap_open_exception(const std::string& error, int32_t rc): sinsp_exception(error), m_scap_rc(rc) {}
	scap_open_exception(const char* error, int32_t rc): sinsp_exception(error), m_scap_rc(rc) {}

	int32_t scap_rc() const { return m_scap_rc; }

private:
	int32_t m_scap_rc;
};
