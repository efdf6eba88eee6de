# Passes the compilers, flags and search paths of this build on to external projects.
#
#   falcosecurity_external_project_cache_args(VAR)   sets VAR to arguments for CMAKE_CACHE_ARGS
#   falcosecurity_external_project_env(VAR)          sets VAR to the start of a command for a project without CMake: env CC=... CXX=...
#   FALCOSECURITY_AUTOTOOLS_HOST_FLAG                --host=... in a cross build, for configure scripts; empty otherwise
#
# Lists of the caller's own are added: FALCOSECURITY_EXTERNAL_PROJECT_CMAKE_CACHE_ARGS and FALCOSECURITY_EXTERNAL_PROJECT_ENV.
include_guard()

function(falcosecurity_external_project_cache_args result)
	set(arguments)
	foreach(
		typed
		SYSTEM_NAME:STRING
		SYSTEM_PROCESSOR:STRING
		BUILD_TYPE:STRING
		TOOLCHAIN_FILE:FILEPATH
		SYSROOT:PATH
		C_COMPILER:FILEPATH
		CXX_COMPILER:FILEPATH
		ASM_COMPILER:FILEPATH
		C_COMPILER_TARGET:STRING
		CXX_COMPILER_TARGET:STRING
		AR:FILEPATH
		RANLIB:FILEPATH
		STRIP:FILEPATH
		FIND_ROOT_PATH:PATH
		FIND_ROOT_PATH_MODE_PROGRAM:STRING
		FIND_ROOT_PATH_MODE_LIBRARY:STRING
		FIND_ROOT_PATH_MODE_INCLUDE:STRING
		FIND_ROOT_PATH_MODE_PACKAGE:STRING
	)
		string(REGEX REPLACE ":.*" "" name "CMAKE_${typed}")
		if(NOT "${${name}}" STREQUAL "")
			list(APPEND arguments "-DCMAKE_${typed}=${${name}}")
		endif()
	endforeach()
	set(${result} ${arguments} ${FALCOSECURITY_EXTERNAL_PROJECT_CMAKE_CACHE_ARGS} PARENT_SCOPE)
endfunction()

function(falcosecurity_external_project_env result)
	set(command env)
	foreach(pair CC:C CXX:CXX)
		string(REPLACE ":" ";" pair ${pair})
		list(GET pair 0 variable)
		list(GET pair 1 language)
		if(CMAKE_${language}_COMPILER)
			# A compiler may be a command with an argument, and one for several targets.
			set(words ${CMAKE_${language}_COMPILER})
			string(STRIP "${CMAKE_${language}_COMPILER_ARG1}" argument)
			list(APPEND words ${argument})
			if(CMAKE_${language}_COMPILER_TARGET)
				list(APPEND words -target ${CMAKE_${language}_COMPILER_TARGET})
			endif()
			list(JOIN words " " words)
			list(APPEND command "${variable}=${words}")
		endif()
	endforeach()
	# The environment may name archivers of several words.
	foreach(tool AR RANLIB)
		if(NOT "$ENV{${tool}}" STREQUAL "")
			list(APPEND command "${tool}=$ENV{${tool}}")
		elseif(CMAKE_${tool})
			list(APPEND command "${tool}=${CMAKE_${tool}}")
		endif()
	endforeach()
	foreach(pair STRIP:STRIP NM:NM LD:LINKER)
		string(REPLACE ":" ";" pair ${pair})
		list(GET pair 0 variable)
		list(GET pair 1 tool)
		if(CMAKE_${tool})
			list(APPEND command "${variable}=${CMAKE_${tool}}")
		endif()
	endforeach()
	set(${result} ${command} ${FALCOSECURITY_EXTERNAL_PROJECT_ENV} PARENT_SCOPE)
endfunction()

set(FALCOSECURITY_AUTOTOOLS_HOST_FLAG)
if(CMAKE_CROSSCOMPILING AND NOT "${CMAKE_SYSTEM_PROCESSOR}" STREQUAL "${CMAKE_HOST_SYSTEM_PROCESSOR}")
	set(FALCOSECURITY_AUTOTOOLS_HOST_FLAG --host=${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
endif()
