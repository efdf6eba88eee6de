# falcosecurity_library(NAME): defines the targets of an installed library.
#
#   libNAME::NAME_shared, libNAME::NAME_static   the shared and the static library
#   libNAME::NAME, NAME                          the shared library; the static one if libNAME_STATIC is true, or if it is not set and
#                                                BUILD_SHARED_LIBS is set and false
#
# Input: `libNAME_include_dir`, `libNAME_lib_dir`, and `libNAME_requires`, the targets to link in addition.
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
		foreach(required ${${package}_requires})
			set_property(TARGET ${package}::${name}_${form} APPEND PROPERTY INTERFACE_LINK_LIBRARIES lib${required}::${required})
		endforeach()
	endforeach()
	set_target_properties(
		${package}::${name}_shared PROPERTIES IMPORTED_LOCATION "${${package}_lib_dir}/lib${name}.so" IMPORTED_SONAME
		"${${package}_soname}"
	)
	set_target_properties(${package}::${name}_static PROPERTIES IMPORTED_LOCATION "${${package}_lib_dir}/lib${name}.a")
	set_property(
		TARGET ${package}::${name}_static APPEND PROPERTY INTERFACE_LINK_LIBRARIES "${${package}_system_libraries}"
		Threads::Threads ${CMAKE_DL_LIBS}
	)

	if(DEFINED ${package}_STATIC)
		set(static ${${package}_STATIC})
	elseif(DEFINED BUILD_SHARED_LIBS AND NOT BUILD_SHARED_LIBS)
		set(static TRUE)
	else()
		set(static FALSE)
	endif()
	if(static)
		set(chosen ${package}::${name}_static)
	else()
		set(chosen ${package}::${name}_shared)
	endif()
	foreach(target ${package}::${name} ${name})
		falcosecurity_alias(${target} ${chosen})
	endforeach()
endfunction()

# Defines an alias of a target, unless the project has a target of that name.
function(falcosecurity_alias name target)
	if(NOT TARGET ${name})
		add_library(${name} INTERFACE IMPORTED GLOBAL)
		set_target_properties(${name} PROPERTIES INTERFACE_LINK_LIBRARIES ${target})
	endif()
endfunction()
