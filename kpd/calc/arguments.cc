#include "kpd/calc/arguments.h"

#include <stdexcept>

#include "emvcrypto/aead.h"

namespace kpd::calc {

using emvcrypto::Bytes;

Given given_in_clear(std::string_view text) {
  return {emvcrypto::Secret(emvcrypto::as_bytes(text)), true};
}

const Arguments::Value& Arguments::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end())
    throw std::logic_error("a function asks for '" + std::string(name) + "', which is not there");
  return found->second;
}

const std::string& Arguments::text(std::string_view name) const {
  return value(name).texts.at(0);
}

emvcrypto::ByteView Arguments::bytes(std::string_view name) const {
  if (!has(name)) return {};
  return value(name).byte_strings.at(0);
}

std::uint64_t Arguments::number(std::string_view name) const {
  return value(name).number;
}

emvcrypto::Date Arguments::date(std::string_view name) const {
  return emvcrypto::parse_iso_date(text(name)).value();
}

const emvcrypto::Secret& Arguments::secret(std::string_view name) const {
  return value(name).secrets.at(0);
}

std::span<const std::string> Arguments::texts(std::string_view name) const {
  return has(name) ? std::span(value(name).texts) : std::span<const std::string>();
}

std::span<const Bytes> Arguments::byte_strings(std::string_view name) const {
  return has(name) ? std::span(value(name).byte_strings) : std::span<const Bytes>();
}

std::span<const emvcrypto::Secret> Arguments::secrets(std::string_view name) const {
  return has(name) ? std::span(value(name).secrets) : std::span<const emvcrypto::Secret>();
}

Bytes Arguments::random(std::string_view name, std::size_t count) const {
  if (!has(name)) return emvcrypto::system_random(count);
  const emvcrypto::ByteView given = bytes(name);
  return Bytes(given.begin(), given.end());
}

}  // namespace kpd::calc
