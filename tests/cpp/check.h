// What the C++ consumers share: checks that throw, and a main program that counts.
#pragma once

#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#define CHECK(holds)                                                                            \
	do {                                                                                        \
		if(!(holds)) {                                                                          \
			throw std::logic_error(std::string(#holds) + ", line " + std::to_string(__LINE__)); \
		}                                                                                       \
	} while(false)

// Whether `act` throws an Exception whose message contains `part`.
template<typename Exception, typename Act>
bool throws(const std::string& part, Act act) {
	try {
		act();
	} catch(const Exception& e) {
		return std::string(e.what()).find(part) != std::string::npos;
	}
	return false;
}

struct test_case {
	const char* name;
	void (*run)();
};

// Runs the tests, prints which failed, and a count; answers the program's exit status.
template<size_t N>
int run_tests(const test_case (&tests)[N]) {
	int passed = 0, failed = 0;
	for(const auto& test : tests) {
		try {
			test.run();
			passed++;
		} catch(const std::exception& e) {
			std::printf("FAILED: %s: %s\n", test.name, e.what());
			failed++;
		}
	}
	std::printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
