// SPDX-License-Identifier: Apache-2.0
// The names of environment variables, of the kernel module and of its devices, that a program chooses by macros. The CMake targets define them.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/detail/ffi.h>

namespace libsinsp {
namespace detail {

// Gives the macros' names to an inspector.
inline void set_names(sinsp_inspector* inspector) {
	error error;
	(void)inspector;
#ifdef SCAP_HOST_ROOT_ENV_VAR_NAME
	error.check(sinsp_inspector_set_name(inspector,
	                                     SINSP_NAME_HOST_ROOT_VARIABLE,
	                                     str(SCAP_HOST_ROOT_ENV_VAR_NAME),
	                                     error.out()));
#endif
#ifdef SCAP_HOSTNAME_ENV_VAR
	error.check(sinsp_inspector_set_name(inspector,
	                                     SINSP_NAME_HOSTNAME_VARIABLE,
	                                     str(SCAP_HOSTNAME_ENV_VAR),
	                                     error.out()));
#endif
#ifdef DRIVER_DEVICE_NAME
	error.check(sinsp_inspector_set_name(inspector, SINSP_NAME_DEVICE, str(DRIVER_DEVICE_NAME), error.out()));
#endif
#ifdef SCAP_KERNEL_MODULE_NAME
	error.check(sinsp_inspector_set_name(inspector, SINSP_NAME_MODULE, str(SCAP_KERNEL_MODULE_NAME), error.out()));
#endif
}

}  // namespace detail
}  // namespace libsinsp
