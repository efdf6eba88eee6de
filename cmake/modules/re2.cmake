# include(re2): RE2_INCLUDE, RE2_LIB, with a copy also RE2_SRC; the target `re2`.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	re2
	INCLUDE RE2_INCLUDE re2/re2.h
	LIB RE2_LIB re2
	PACKAGE libre2-dev
	SOURCES RE2_SRC https://github.com/google/re2/archive/refs/tags/2022-06-01.tar.gz
		f89c61410a072e5cbcf8c27e3a778da7d6fd2f2b5b1445cd4f4508bee946ab0f
	BUILD CMAKE
	ARGUMENTS -DRE2_BUILD_TESTING=OFF
	# Lines that CMake 3.29.1 and later do not understand, of a package file that is not used.
	PATCH sed -i.original /set_and_check/d re2Config.cmake.in
)
