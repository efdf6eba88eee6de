// SPDX-License-Identifier: Apache-2.0
// A version of the form major.minor.patch.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_api_version.h>
#include <libsinsp/capi.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <tuple>

class sinsp_version {
public:
	sinsp_version(): sinsp_version(0, 0, 0) {}

	// is_valid() is false for a text of another form.
	explicit sinsp_version(const std::string& text) {
		m_valid = std::sscanf(text.c_str(), "%" SCNu32 ".%" SCNu32 ".%" SCNu32, &m_major, &m_minor, &m_patch) == 3;
	}

	explicit sinsp_version(uint64_t version):
	        sinsp_version(static_cast<uint32_t>(PPM_API_VERSION_MAJOR(version)),
	                      static_cast<uint32_t>(PPM_API_VERSION_MINOR(version)),
	                      static_cast<uint32_t>(PPM_API_VERSION_PATCH(version))) {}

	explicit sinsp_version(uint32_t major_number, uint32_t minor_number, uint32_t patch_number):
	        m_valid(true),
	        m_major(major_number),
	        m_minor(minor_number),
	        m_patch(patch_number) {}

	// The version of this library, and that of falcosecurity/libs whose interface it has. They are those of the library that the program runs with.
	static sinsp_version of_library() { return sinsp_version(std::string(sinsp_library_version())); }
	static sinsp_version of_reference() { return sinsp_version(std::string(sinsp_reference_version())); }

	std::string as_string() const {
		return std::to_string(m_major) + "." + std::to_string(m_minor) + "." + std::to_string(m_patch);
	}

	// Whether this version satisfies a request for `requested`: the same major version, and not older.
	bool compatible_with(const sinsp_version& requested) const {
		return m_valid && requested.m_valid && m_major == requested.m_major && *this >= requested;
	}

	bool is_valid() const { return m_valid; }
	uint32_t major() const { return m_major; }
	uint32_t minor() const { return m_minor; }
	uint32_t patch() const { return m_patch; }

	bool operator<(const sinsp_version& o) const { return order() < o.order(); }
	bool operator>(const sinsp_version& o) const { return order() > o.order(); }
	bool operator<=(const sinsp_version& o) const { return order() <= o.order(); }
	bool operator>=(const sinsp_version& o) const { return order() >= o.order(); }
	bool operator==(const sinsp_version& o) const { return order() == o.order(); }
	bool operator!=(const sinsp_version& o) const { return order() != o.order(); }

	sinsp_version operator+(const sinsp_version& o) const {
		return sinsp_version(m_major + o.m_major, m_minor + o.m_minor, m_patch + o.m_patch);
	}

private:
	std::tuple<uint32_t, uint32_t, uint32_t> order() const { return {m_major, m_minor, m_patch}; }

	bool m_valid = false;
	uint32_t m_major = 0;
	uint32_t m_minor = 0;
	uint32_t m_patch = 0;
};
