#include "kpd/certificates/file_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace kpd {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument(what);
}

tl::unexpected<emvcrypto::Fault> fault_at(std::size_t offset, const std::string& field,
                                          const std::string& what) {
  return emvcrypto::fault("file-layout", fmt::format("byte {} ({}): {}", offset, field, what));
}

std::optional<std::size_t> as_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

const Bytes* FieldValues::find(std::string_view name) const {
  for (const auto& [known, value] : values_)
    if (known == name) return &value;
  return nullptr;
}

const Bytes& FieldValues::at(std::string_view name) const {
  if (const Bytes* value = find(name)) return *value;
  refuse("there is no field '" + std::string(name) + "'");
}

void FieldValues::set(std::string_view name, Bytes value) {
  for (auto& [known, old] : values_)
    if (known == name) {
      old = std::move(value);
      return;
    }
  values_.emplace_back(name, std::move(value));
}

FileLayout::FileLayout(std::string_view line) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::size_t sign = word.find_first_of("=:");
    if (sign == word.npos || sign == 0) refuse("not a field: '" + std::string(word) + "'");
    const std::string_view told = word.substr(sign + 1);
    Field field;
    field.name = word.substr(0, sign);
    if (word[sign] == '=')
      field.constant = emvcrypto::from_hex(told);
    else if (told == "*")
      field.rest = true;
    else if (const auto size = as_number(told))
      field.size = *size;
    else
      field.size_of = told;
    fields_.push_back(std::move(field));
  }
}

Expected<FieldValues> FileLayout::parse(ByteView file, const Sizes& known) const {
  if (file.size() > kLongest)
    return emvcrypto::fault("file-layout",
                            fmt::format("{} bytes are more than any such file has", file.size()));
  FieldValues values;
  const auto size_of = [&](const Field& field) -> std::optional<std::size_t> {
    if (!field.constant.empty()) return field.constant.size();
    if (field.size_of.empty()) return field.size;
    if (const Bytes* length = values.find(field.size_of)) return emvcrypto::to_number(*length);
    const auto told = known.find(field.size_of);
    return told == known.end() ? std::nullopt : std::optional(told->second);
  };
  std::size_t at = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    const std::size_t left = file.size() - at;
    std::size_t size = 0;
    if (field.rest) {
      std::size_t others = 0, shares = 1;
      for (std::size_t j = i + 1; j < fields_.size(); ++j)
        if (fields_[j].rest)
          ++shares;
        else
          others += size_of(fields_[j]).value_or(0);
      if (left < others)
        return fault_at(at, field.name,
                        fmt::format("{} bytes come after it, {} are left", others, left));
      if ((left - others) % shares != 0)
        return fault_at(
            at, field.name,
            fmt::format("{} bytes are left for {} fields of one length", left - others, shares));
      size = (left - others) / shares;
    } else {
      const auto told = size_of(field);
      if (!told) refuse("nothing tells the length of '" + field.name + "'");
      size = *told;
    }
    if (left < size)
      return fault_at(at, field.name,
                      fmt::format("expected {} bytes, {} are left in the file", size, left));
    const ByteView part = file.subspan(at, size);
    if (!field.constant.empty() && !std::ranges::equal(part, field.constant))
      return fault_at(at, field.name,
                      fmt::format("expected {}, found {}", emvcrypto::to_hex(field.constant),
                                  emvcrypto::to_hex(part)));
    values.set(field.name, Bytes(part.begin(), part.end()));
    at += size;
  }
  if (at != file.size())
    return fault_at(at, "end",
                    fmt::format("expected the end of the file, {} bytes follow", file.size() - at));
  return values;
}

const FileLayout::Field* FileLayout::measured_by(const std::string& name) const {
  for (const Field& field : fields_)
    if (field.size_of == name) return &field;
  return nullptr;
}

Bytes FileLayout::value_of(const Field& field, const FieldValues& values) const {
  if (!field.constant.empty()) return field.constant;
  if (const Bytes* value = values.find(field.name)) return *value;
  const Field* measured = measured_by(field.name);
  if (measured == nullptr) refuse("no value for the field '" + field.name + "'");
  Bytes length;
  emvcrypto::append_number(length, values.at(measured->name).size(), field.size);
  return length;
}

Bytes FileLayout::build(const FieldValues& values) const {
  Bytes file;
  for (const Field& field : fields_) {
    const Bytes value = value_of(field, values);
    const bool free = field.rest || !field.size_of.empty() || !field.constant.empty();
    if (!free && value.size() != field.size)
      refuse(fmt::format("the field '{}' has {} bytes", field.name, field.size));
    if (!field.size_of.empty())
      for (const Field& length : fields_)
        if (length.name == field.size_of &&
            emvcrypto::to_number(value_of(length, values)) != value.size())
          refuse(fmt::format("the field '{}' is not as long as is said", field.name));
    emvcrypto::append(file, value);
  }
  return file;
}

}  // namespace kpd
