#include "cps/cursor.h"

namespace cps {

std::uint64_t Cursor::number(std::size_t width, const char* field) {
  return emvcrypto::to_number(bytes(width, field));
}

ByteView Cursor::bytes(std::size_t count, const char* field) {
  if (failed()) return {};
  if (count > left()) {
    fail(std::string(field) + " needs " + std::to_string(count) + " bytes, " +
         std::to_string(left()) + " are left");
    return {};
  }
  const ByteView taken = bytes_.subspan(position_, count);
  position_ += count;
  return taken;
}

Cursor Cursor::part(std::size_t count, const std::string& name) {
  const std::size_t start = position_;
  Cursor inner(bytes(count, name.c_str()), where_ + ", " + name, *failure_);
  inner.base_ = base_ + start;
  return inner;
}

ByteView Cursor::sized(std::size_t width, const char* field) {
  return bytes(number(width, field), field);
}

Cursor Cursor::sized_part(std::size_t width, const std::string& name) {
  return part(number(width, name.c_str()), name);
}

void Cursor::expect_end() {
  if (!failed() && left() != 0) fail(std::to_string(left()) + " bytes too many");
}

void Cursor::fail(const std::string& what) {
  if (!failed())
    *failure_ = where_ + ": " + what + " (byte " + std::to_string(base_ + position_) + ")";
}

}  // namespace cps
