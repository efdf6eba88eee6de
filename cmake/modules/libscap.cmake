# include(libscap): the targets `scap`, `pman` and those of libscap's parts, for a project that has this folder in its CMAKE_MODULE_PATH.
#
# Input:
#   BUILD_SHARED_LIBS                                   if true, the shared library; the static one by default
#   USE_BUNDLED_DEPS, USE_BUNDLED_ZLIB                  see falcosecurity-dependency.cmake
#   SCAP_HOST_ROOT_ENV_VAR_NAME, SCAP_HOSTNAME_ENV_VAR, DRIVER_DEVICE_NAME
#                                                       see falcosecurity-library.cmake
#
# In a checkout it builds the library, in PROJECT_BINARY_DIR/falcosecurity-libs; in an installed package it finds it.
cmake_policy(VERSION 3.16)
if(NOT HAVE_LIBSCAP)
	set(HAVE_LIBSCAP ON)
	include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-layout.cmake")
	if(NOT LIBS_DIR)
		get_filename_component(LIBS_DIR "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
	endif()
	option(USE_BUNDLED_DEPS "Download and build the libraries that are needed, instead of the system's" ON)

	include(GNUInstallDirs)
	include(zlib)

	if(TARGET libscap::scap)
		# The project has it already.
	elseif(FALCOSECURITY_PACKAGES)
		foreach(package libscap libsinsp)
			if(NOT DEFINED ${package}_STATIC)
				if(BUILD_SHARED_LIBS)
					set(${package}_STATIC OFF)
				else()
					set(${package}_STATIC ON)
				endif()
			endif()
		endforeach()
		find_package(libscap CONFIG REQUIRED PATHS "${FALCOSECURITY_PACKAGES}/libscap" NO_DEFAULT_PATH)
	else()
		add_subdirectory("${FALCOSECURITY_ROOT}" "${PROJECT_BINARY_DIR}/falcosecurity-libs" EXCLUDE_FROM_ALL)
	endif()

	set(DRIVER_CONFIG_DIR "${PROJECT_BINARY_DIR}/driver/src")
	set(LIBSCAP_INCLUDE_DIR "${FALCOSECURITY_HEADERS}/libscap")
	set(LIBSCAP_INCLUDE_DIRS "${FALCOSECURITY_HEADERS}" "${LIBSCAP_INCLUDE_DIR}" "${DRIVER_CONFIG_DIR}")
	if(TARGET zlib)
		set_property(TARGET scap APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${ZLIB_LIB}")
		add_dependencies(scap zlib)
	endif()
endif()
