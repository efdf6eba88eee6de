# The targets of the libraries, of an installed package and of a build.

# falcosecurity_library(NAME): defines
#
#   libNAME::NAME_shared, libNAME::NAME_static   the shared and the static library
#   libNAME::NAME, NAME                          the shared library, or the static one if libNAME_STATIC is true
#
# Input:
#   libNAME_include_dir, libNAME_shared, libNAME_static, libNAME_soname   the headers, the files, and the shared library's soname
#   libNAME_requires            the targets to link in addition, without `lib` and namespace
#   libNAME_system_libraries    what the static library needs
function(falcosecurity_library name)
	set(package lib${name})
	if(TARGET ${package}::${name})
		return()
	endif()
	find_package(Threads REQUIRED)
	foreach(form shared static)
		string(TOUPPER ${form} kind)
		add_library(${package}::${name}_${form} ${kind} IMPORTED GLOBAL)
		set_target_properties(
			${package}::${name}_${form}
			PROPERTIES
				INTERFACE_INCLUDE_DIRECTORIES "${${package}_include_dir}"
				# For headers included without their folder. Searched last, so that they hide no other header of the same name.
				INTERFACE_COMPILE_OPTIONS "SHELL:-idirafter \"${${package}_include_dir}/${package}\""
		)
		falcosecurity_location(${package}::${name}_${form} "${${package}_${form}}")
		foreach(required ${${package}_requires})
			set_property(TARGET ${package}::${name}_${form} APPEND PROPERTY INTERFACE_LINK_LIBRARIES lib${required}::${required})
		endforeach()
		falcosecurity_names(${package}::${name}_${form})
	endforeach()
	set_target_properties(${package}::${name}_shared PROPERTIES IMPORTED_SONAME "${${package}_soname}")
	set_property(
		TARGET ${package}::${name}_static APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${${package}_system_libraries}"
		Threads::Threads ${CMAKE_DL_LIBS}
	)

	if(${package}_STATIC)
		set(chosen ${package}::${name}_static)
	else()
		set(chosen ${package}::${name}_shared)
	endif()
	foreach(target ${package}::${name} ${name})
		falcosecurity_alias(${target} ${chosen})
	endforeach()
endfunction()

# falcosecurity_location(TARGET FILE): FILE has $<CONFIG> in it where a generator builds several configurations.
function(falcosecurity_location target file)
	string(REPLACE "$<CONFIG>" "" without "${file}")
	if(without STREQUAL file)
		set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${file}")
		return()
	endif()
	foreach(configuration ${CMAKE_CONFIGURATION_TYPES})
		string(REPLACE "$<CONFIG>" "${configuration}" location "${file}")
		string(TOUPPER ${configuration} configuration)
		set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${configuration} "${location}")
	endforeach()
endfunction()

# falcosecurity_names(TARGET): names that a project may choose reach the inspectors of its C++ programs as definitions of the target:
#
#   SCAP_HOST_ROOT_ENV_VAR_NAME           the environment variable with the host's root directory, instead of HOST_ROOT
#   SCAP_HOSTNAME_ENV_VAR                 the one with the machine's name, instead of SCAP_HOSTNAME
#   SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR   the one with the file of the container's memory use, instead of AGENT_CGROUP_MEM_PATH
#   DRIVER_DEVICE_NAME                    the kernel module's devices, instead of scap
#   DRIVER_NAME                           the kernel module, instead of scap; the definition is SCAP_KERNEL_MODULE_NAME
function(falcosecurity_names target)
	foreach(name SCAP_HOST_ROOT_ENV_VAR_NAME SCAP_HOSTNAME_ENV_VAR SINSP_AGENT_CGROUP_MEM_PATH_ENV_VAR DRIVER_DEVICE_NAME DRIVER_NAME)
		if(NOT "${${name}}" STREQUAL "")
			if(name MATCHES "ENV_VAR" AND NOT "${${name}}" MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
				message(FATAL_ERROR "${name} is no name of an environment variable: ${${name}}")
			elseif(NOT "${${name}}" MATCHES "^[A-Za-z0-9_.-]+$")
				message(FATAL_ERROR "${name} is no name of a device or module: ${${name}}")
			endif()
			set(definition ${name})
			if(name STREQUAL DRIVER_NAME)
				set(definition SCAP_KERNEL_MODULE_NAME)
			endif()
			set_property(TARGET ${target} APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS "${definition}=\"${${name}}\"")
		endif()
	endforeach()
endfunction()

# falcosecurity_parts(INCLUDE_DIR): the targets of libscap's parts, into which other builds split it. libpman's header lies in INCLUDE_DIR.
function(falcosecurity_parts include_dir)
	foreach(
		part
		scap_engine_util
		scap_event_schema
		driver_event_schema
		scap_platform
		scap_platform_util
		scap_error
		scap_engine_savefile
		scap_engine_modern_bpf
		scap_engine_nodriver
		scap_engine_noop
		scap_engine_source_plugin
		scap_engine_test_input
		scap_engine_kmod
	)
		falcosecurity_alias(${part} libscap::scap)
	endforeach()
	if(NOT TARGET libpman::pman)
		add_library(libpman::pman INTERFACE IMPORTED GLOBAL)
		set_target_properties(
			libpman::pman PROPERTIES INTERFACE_LINK_LIBRARIES libscap::scap INTERFACE_INCLUDE_DIRECTORIES "${include_dir}"
		)
	endif()
	falcosecurity_alias(pman libpman::pman)
endfunction()

# Defines an alias of a target, unless the project has a target of that name.
function(falcosecurity_alias name target)
	if(NOT TARGET ${name})
		add_library(${name} INTERFACE IMPORTED GLOBAL)
		set_target_properties(${name} PROPERTIES INTERFACE_LINK_LIBRARIES ${target})
	endif()
endfunction()
