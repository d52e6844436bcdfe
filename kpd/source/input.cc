#include "kpd/source/input.h"

#include <fstream>

#include "kpd/exit_code.h"

namespace kpd {

Input::Input(std::string file)
    : name_(std::move(file)), in_(std::make_unique<std::ifstream>(name_, std::ios::binary)) {
  if (!*in_) throw Failure(ExitCode::io, name_ + ": the input file cannot be opened");
}

std::size_t Input::read(std::span<char> block) {
  try {
    const auto got = in_->rdbuf()->sgetn(block.data(), static_cast<std::streamsize>(block.size()));
    return static_cast<std::size_t>(got);
  } catch (const std::ios_base::failure&) {  // how a file buffer says that read() failed
    throw Failure(ExitCode::io, name_ + ": the input file cannot be read to its end");
  }
}

}  // namespace kpd
