#include "kpd/keys/pin_source.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"

namespace {

/// The reading end of a pipe that holds a text.
class Pipe {
 public:
  explicit Pipe(const std::string& text) {
    REQUIRE(pipe(ends_) == 0);
    REQUIRE(write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    close(ends_[1]);
  }
  ~Pipe() { close(ends_[0]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int descriptor() const { return ends_[0]; }
  std::string rest() const {
    std::string text(100, '\0');
    const ssize_t count = read(ends_[0], text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

std::string given(kpd::DescriptorPin& pins, const std::string& label) {
  const hsm::Secret pin = pins.pin(label);
  return std::string(emvcrypto::as_text(pin.expose()));
}

}  // namespace

TEST_CASE("a PIN is one line of a descriptor, for every token that asks") {
  const Pipe pipe("1234\nnext line\n");
  kpd::DescriptorPin pins(pipe.descriptor());
  CHECK(given(pins, "first") == "1234");
  CHECK(given(pins, "second") == "1234");
  CHECK(pipe.rest() == "next line\n");  // nothing beyond the PIN's line is taken
}

TEST_CASE("a PIN's line may end with the file, and blanks belong to it") {
  const Pipe pipe(" 12 34");
  kpd::DescriptorPin pins(pipe.descriptor());
  CHECK(given(pins, "first") == " 12 34");
}

TEST_CASE("an empty, endless or missing PIN is refused") {
  for (const std::string& text : {std::string(), std::string("\n1234\n"), std::string(257, '1')}) {
    const Pipe pipe(text);
    kpd::DescriptorPin pins(pipe.descriptor());
    CHECK_THROWS_AS(pins.pin("first"), kpd::Failure);
  }
  kpd::DescriptorPin closed(-1);
  CHECK_THROWS_WITH(closed.pin("first"), Catch::Contains("descriptor cannot be read"));
}

TEST_CASE("a PIN stands in no message about it") {
  const Pipe pipe(std::string(300, '7'));
  kpd::DescriptorPin pins(pipe.descriptor());
  CHECK_THROWS_WITH(pins.pin("first"), !Catch::Contains("7"));
}
