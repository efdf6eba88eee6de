# compute_versions(API_FILE SCHEMA_FILE): sets PPM_API_CURRENT_VERSION_{MAJOR,MINOR,PATCH} and PPM_SCHEMA_CURRENT_VERSION_{MAJOR,MINOR,PATCH} from
# the files' first lines, and GIT_COMMIT, unless it is set, to the commit of the current source folder.
macro(compute_versions api_file schema_file)
	foreach(versions_pair "API;${api_file}" "SCHEMA;${schema_file}")
		list(GET versions_pair 0 versions_name)
		list(GET versions_pair 1 versions_file)
		file(STRINGS "${versions_file}" versions_text LIMIT_COUNT 1)
		if(NOT versions_text MATCHES "^([0-9]+)\\.([0-9]+)\\.([0-9]+)")
			message(FATAL_ERROR "${versions_file} does not start with a version of three numbers: ${versions_text}")
		endif()
		set(PPM_${versions_name}_CURRENT_VERSION_MAJOR ${CMAKE_MATCH_1})
		set(PPM_${versions_name}_CURRENT_VERSION_MINOR ${CMAKE_MATCH_2})
		set(PPM_${versions_name}_CURRENT_VERSION_PATCH ${CMAKE_MATCH_3})
		message(STATUS "Driver ${versions_name} version ${versions_text}")
	endforeach()
	if(NOT DEFINED GIT_COMMIT)
		execute_process(
			COMMAND git rev-parse HEAD
			WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
			OUTPUT_VARIABLE GIT_COMMIT
			OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
		)
	endif()
endmacro()
