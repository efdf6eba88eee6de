// Shared by the C++ tests: checks for exceptions, and a main function that counts.
#pragma once

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#define CHECK(...)                                                                                    \
	do {                                                                                              \
		if(!(__VA_ARGS__)) {                                                                          \
			throw std::logic_error(std::string(#__VA_ARGS__) + ", line " + std::to_string(__LINE__)); \
		}                                                                                             \
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

// Runs the tests, prints failures and a count. Returns the exit status.
inline int run_tests(const std::vector<test_case>& tests) {
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
