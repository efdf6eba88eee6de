// SPDX-License-Identifier: Apache-2.0
// A queue ordered by priority, which many threads fill and one empties.
#pragma once

#include <libsinsp/detail/standard.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

// Elm is a std::shared_ptr or std::unique_ptr that is not null. Cmp tells whether one element has a lower priority than another; of elements with
// equal priority, of which both or neither have a lower one, the first one comes first. Any thread may push; one thread at a time may pop.
template<typename Elm, typename Cmp, typename Mtx = std::mutex>
class mpsc_priority_queue {
	using element = typename Elm::element_type;
	static_assert(std::is_same<Elm, std::shared_ptr<element>>::value || std::is_same<Elm, std::unique_ptr<element>>::value,
	              "mpsc_priority_queue requires std::shared_ptr or std::unique_ptr elements");

public:
	// `capacity`: the most elements; 0: no limit.
	explicit mpsc_priority_queue(size_t capacity = 0): m_capacity(capacity) {}

	bool empty() const { return m_size.load(std::memory_order_acquire) == 0; }

	// Returns false if the queue is full.
	bool push(Elm&& e) {
		std::scoped_lock<Mtx> lock(m_mutex);
		if(m_capacity != 0 && m_heap.size() >= m_capacity) {
			return false;
		}
		m_heap.push_back({std::move(e), m_pushed++});
		std::push_heap(m_heap.begin(), m_heap.end(), is_after);
		m_size.store(m_heap.size(), std::memory_order_release);
		return true;
	}

	// Moves the first element to `res`. Returns false if there is none.
	bool try_pop(Elm& res) {
		return try_pop_if(res, [](const element&) { return true; });
	}

	// The same, if `pred` returns true for it. `pred` must not use the queue.
	template<typename Callable>
	bool try_pop_if(Elm& res, const Callable& pred) {
		// Without the lock, so that an empty queue costs nothing.
		if(empty()) {
			return false;
		}
		std::scoped_lock<Mtx> lock(m_mutex);
		if(m_heap.empty() || !pred(const_cast<const element&>(*m_heap.front().value))) {
			return false;
		}
		std::pop_heap(m_heap.begin(), m_heap.end(), is_after);
		res = std::move(m_heap.back().value);
		m_heap.pop_back();
		m_size.store(m_heap.size(), std::memory_order_release);
		return true;
	}

	// Returns false, and changes nothing, if the queue has more elements.
	bool set_capacity(size_t capacity) {
		std::scoped_lock<Mtx> lock(m_mutex);
		if(m_heap.size() > capacity) {
			return false;
		}
		m_capacity = capacity;
		return true;
	}

private:
	struct queued {
		Elm value;
		uint64_t number;
	};

	static bool is_after(const queued& a, const queued& b) {
		const bool is_lower = Cmp{}(*a.value, *b.value);
		return is_lower == Cmp{}(*b.value, *a.value) ? a.number > b.number : is_lower;
	}

	size_t m_capacity;
	std::vector<queued> m_heap;
	uint64_t m_pushed = 0;
	std::atomic<size_t> m_size{0};
	Mtx m_mutex;
};
