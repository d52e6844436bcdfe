/// Files of fixed fields, described by a line of text and read with exact faults.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;

/// Fields of a file by name, in the file's order.
class FieldValues {
 public:
  FieldValues() = default;
  FieldValues(std::initializer_list<std::pair<std::string, Bytes>> values) : values_(values) {}

  /// Throws std::invalid_argument when there is no such field.
  const Bytes& at(std::string_view name) const;
  const Bytes* find(std::string_view name) const;
  void set(std::string_view name, Bytes value);
  const std::vector<std::pair<std::string, Bytes>>& all() const { return values_; }

 private:
  std::vector<std::pair<std::string, Bytes>> values_;
};

/// A layout is a line of fields:
///   `header=24`                    these bytes and no others
///   `tracking:3`                   so many bytes
///   `modulus:modulus_length`       as many as a field before it says, or as the reader is told
///   `certificate:*`                what is left; several of them share it equally
class FileLayout {
 public:
  /// Throws std::invalid_argument for a line that is none.
  explicit FileLayout(std::string_view line);

  /// Sizes that the file itself does not tell.
  using Sizes = std::map<std::string, std::size_t, std::less<>>;

  /// Fault "file-layout": at which byte, in which field, what was expected, what is there.
  Expected<FieldValues> parse(ByteView file, const Sizes& known = {}) const;

  /// The file with these fields. Constants need no value, nor do lengths of fields in it. Throws
  /// std::invalid_argument when a value is missing or of another length than the layout says.
  Bytes build(const FieldValues& values) const;

  /// No file of this trade is longer.
  static constexpr std::size_t kLongest = 4096;

 private:
  struct Field {
    std::string name;
    Bytes constant;        ///< these bytes
    std::size_t size = 0;  ///< so many, unless:
    std::string size_of;   ///< name of the field that tells
    bool rest = false;
  };
  Bytes value_of(const Field& field, const FieldValues& values) const;
  const Field* measured_by(const std::string& name) const;

  std::vector<Field> fields_;
};

}  // namespace kpd
