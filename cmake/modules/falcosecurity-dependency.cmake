# falcosecurity_dependency(NAME ...): finds a library of the system's, or builds a copy of its own, for the modules of that name.
#
#   INCLUDE VAR HEADER       sets VAR to the folder of HEADER
#   SUFFIX FOLDER            the folder may also be FOLDER below a usual one
#   LIB VAR LIBRARY          sets VAR to the library's file; left out if there are headers only
#   PACKAGE NAME             Debian's package, which the error names
#   SOURCES VAR URL SHA256   where a copy comes from; sets VAR to the copy's folder
#   BUILD KIND               how a copy is built: CMAKE, CONFIGURE, or NOTHING for headers
#   ARGUMENTS ARGUMENT...    what CMake or the configure script gets
#   HEADERS FOLDER           where a copy that is not built has its headers
#   PATCH COMMAND...         changes the downloaded sources
#
# USE_BUNDLED_NAME, initially USE_BUNDLED_DEPS, chooses a copy. FETCHCONTENT_SOURCE_DIR_NAME is a folder with its sources; nothing is downloaded
# then. Variables that the project has set already are kept, and nothing is found or built. The target NAME builds the copy, or does nothing.
cmake_policy(VERSION 3.16)
if(POLICY CMP0135)
	cmake_policy(SET CMP0135 NEW)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/ExternalProjectToolchain.cmake")
include(ExternalProject)

macro(falcosecurity_dependency name)
	cmake_parse_arguments(dependency "" "SUFFIX;PACKAGE;BUILD;HEADERS" "INCLUDE;LIB;SOURCES;ARGUMENTS;PATCH" ${ARGN})
	string(TOUPPER ${name} dependency_upper)
	option(USE_BUNDLED_${dependency_upper} "Download and build ${name} instead of using the system's" ${USE_BUNDLED_DEPS})
	list(GET dependency_INCLUDE 0 dependency_include)
	set(dependency_lib)
	if(dependency_LIB)
		list(GET dependency_LIB 0 dependency_lib)
	endif()

	if(${dependency_include})
		# The project has it already.
	elseif(USE_BUNDLED_${dependency_upper})
		falcosecurity_copy_of_dependency(${name})
	else()
		list(GET dependency_INCLUDE 1 dependency_header)
		find_path(${dependency_include} ${dependency_header} PATH_SUFFIXES ${dependency_SUFFIX})
		if(dependency_lib)
			list(GET dependency_LIB 1 dependency_library)
			find_library(${dependency_lib} NAMES ${dependency_library})
		endif()
		if(NOT ${dependency_include} OR (dependency_lib AND NOT ${dependency_lib}))
			message(
				FATAL_ERROR
					"${name} is missing: install it (Debian: ${dependency_PACKAGE}), or set USE_BUNDLED_${dependency_upper}=ON to download and build it"
			)
		endif()
		message(STATUS "Found ${name}: ${${dependency_include}} ${${dependency_lib}}")
	endif()

	if(NOT TARGET ${name})
		add_custom_target(${name})
	endif()
	include_directories("${${dependency_include}}")
endmacro()

# Adds the external project that builds a copy, in PROJECT_BINARY_DIR/NAME-prefix.
macro(falcosecurity_copy_of_dependency name)
	list(GET dependency_SOURCES 0 dependency_sources)
	list(GET dependency_SOURCES 1 dependency_url)
	list(GET dependency_SOURCES 2 dependency_sha256)
	set(dependency_arguments ${dependency_ARGUMENTS})
	set(dependency_prefix "${PROJECT_BINARY_DIR}/${name}-prefix")
	if(FETCHCONTENT_SOURCE_DIR_${dependency_upper})
		set(dependency_origin SOURCE_DIR "${FETCHCONTENT_SOURCE_DIR_${dependency_upper}}" DOWNLOAD_COMMAND "")
		set(dependency_folder "${FETCHCONTENT_SOURCE_DIR_${dependency_upper}}")
	else()
		set(dependency_origin URL "${dependency_url}" URL_HASH "SHA256=${dependency_sha256}")
		if(dependency_PATCH)
			list(APPEND dependency_origin PATCH_COMMAND ${dependency_PATCH})
		endif()
		set(dependency_folder "${dependency_prefix}/src/${name}")
	endif()
	if(dependency_BUILD STREQUAL NOTHING)
		set(${dependency_sources} "${dependency_folder}")
		set(${dependency_include} "${dependency_folder}/${dependency_HEADERS}")
		set(dependency_steps CONFIGURE_COMMAND "" BUILD_COMMAND "" INSTALL_COMMAND "")
	else()
		# The installed copy: include/ and lib/.
		set(${dependency_sources} "${dependency_prefix}/install")
		set(${dependency_include} "${dependency_prefix}/install/include")
		list(GET dependency_LIB 1 dependency_library)
		if(BUILD_SHARED_LIBS)
			set(${dependency_lib} "${dependency_prefix}/install/lib/${CMAKE_SHARED_LIBRARY_PREFIX}${dependency_library}${CMAKE_SHARED_LIBRARY_SUFFIX}")
		else()
			set(${dependency_lib} "${dependency_prefix}/install/lib/${CMAKE_STATIC_LIBRARY_PREFIX}${dependency_library}${CMAKE_STATIC_LIBRARY_SUFFIX}")
		endif()
		# Targets name it as a folder of headers before it is built.
		file(MAKE_DIRECTORY "${${dependency_include}}")
		set(dependency_steps BUILD_BYPRODUCTS "${${dependency_lib}}")
		if(dependency_BUILD STREQUAL CMAKE)
			falcosecurity_external_project_cache_args(dependency_toolchain)
			if(NOT CMAKE_BUILD_TYPE)
				list(APPEND dependency_arguments -DCMAKE_BUILD_TYPE=Release)
			endif()
			list(
				APPEND dependency_steps CMAKE_ARGS -DCMAKE_INSTALL_PREFIX=${dependency_prefix}/install -DCMAKE_INSTALL_LIBDIR=lib
				-DBUILD_SHARED_LIBS=${BUILD_SHARED_LIBS} -DCMAKE_POSITION_INDEPENDENT_CODE=ON ${dependency_arguments} CMAKE_CACHE_ARGS
				${dependency_toolchain}
			)
		else()
			falcosecurity_external_project_env(dependency_environment)
			list(APPEND dependency_environment "CFLAGS=-O3 -fPIC ${CMAKE_C_FLAGS}")
			if(NOT BUILD_SHARED_LIBS)
				list(APPEND dependency_arguments --static)
			endif()
			list(
				APPEND dependency_steps CONFIGURE_COMMAND ${dependency_environment} <SOURCE_DIR>/configure
				--prefix=${dependency_prefix}/install --libdir=${dependency_prefix}/install/lib ${dependency_arguments} BUILD_COMMAND make INSTALL_COMMAND
				make install
			)
		endif()
	endif()
	message(STATUS "Using a copy of ${name}: ${${dependency_include}}")
	if(NOT TARGET ${name})
		ExternalProject_Add(${name} PREFIX "${dependency_prefix}" ${dependency_origin} ${dependency_steps})
	endif()
endmacro()
