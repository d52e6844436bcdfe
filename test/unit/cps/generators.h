/// Random CPS records and card files for property tests.
#pragma once

#include <rapidcheck.h>

#include "cps/card_file.h"

namespace cps::test {

using namespace rc;

/// Runs a property and hands its verdict to the test framework.
#define KPD_PROPERTY(...) REQUIRE(rc::check(__VA_ARGS__))

Gen<Bytes> bytes_of(std::size_t low, std::size_t high);

template <typename T>
Gen<std::vector<T>> list_of(std::size_t low, std::size_t high, Gen<T> item) {
  return gen::mapcat(gen::inRange(low, high + 1), [item](std::size_t size) {
    return gen::container<std::vector<T>>(size, item);
  });
}

/// Printable characters without blanks.
Gen<std::string> text_of(std::size_t size);

Gen<DgiId> any_dgi_id();
Gen<Dgi> any_dgi();
Gen<Record> any_record();

/// Tags in constructed tags, so many deep at the most; inside a property.
std::vector<TagTree> some_trees(int depth = 3);

/// A header whose parts agree, whatever they say; inside a property.
FileHeader some_header(FileFormat format);

}  // namespace cps::test
