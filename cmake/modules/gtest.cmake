# include(gtest): GoogleTest, the system's or with USE_BUNDLED_GTEST a copy; the target `gtest`.
cmake_policy(VERSION 3.16)
if(POLICY CMP0135)
	cmake_policy(SET CMP0135 NEW)
endif()
option(USE_BUNDLED_GTEST "Download and build gtest instead of using the system's" ${USE_BUNDLED_DEPS})
if(GTEST_INCLUDE_DIR)
	# The project has it already.
elseif(USE_BUNDLED_GTEST)
	include(FetchContent)
	FetchContent_Declare(
		gtest
		URL https://github.com/google/googletest/archive/refs/tags/v1.16.0.tar.gz
		URL_HASH SHA256=78c676fc63881529bf97bf9d45948d905a66833fbfa5318ea2cd7478cb98f399
	)
	FetchContent_MakeAvailable(gtest)
else()
	find_package(GTest REQUIRED)
endif()
if(NOT TARGET gtest)
	add_custom_target(gtest)
endif()
