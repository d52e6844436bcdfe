/// The bytes of a source file, block by block.
#pragma once

#include <istream>
#include <memory>
#include <span>
#include <string>

namespace kpd {

/// An open file with its name for messages.
class Input {
 public:
  /// Throws Failure(io) when the file cannot be opened.
  explicit Input(std::string file);
  Input(std::string name, std::unique_ptr<std::istream> in)
      : name_(std::move(name)), in_(std::move(in)) {}

  /// Fills the block; less than that at the end alone. Throws Failure(io) when the file breaks.
  std::size_t read(std::span<char> block);

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::unique_ptr<std::istream> in_;
};

}  // namespace kpd
