/// The data objects that a terminal collects from an application's records (EMV 4.4 Book 3, 7).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/tlv.h"

namespace kpd::tester {

/// A record as READ RECORD returned it.
struct ReadRecord {
  std::uint8_t sfi = 0;
  std::uint8_t number = 0;
  bool is_signed = false;  ///< the AFL has it under offline data authentication
  emvcrypto::Bytes bytes;

  /// "record 2.1"
  std::string name() const;
};

/// Primitive data objects by tag, each with the place that it came from.
class CardData {
 public:
  /// Keeps an object. False when the tag was there already: the first stays.
  bool add(emvcrypto::Tag tag, emvcrypto::ByteView value, const std::string& where);

  /// Keeps every primitive object of a list, constructed ones opened. Returns tags that were there
  /// already; nothing when the list is malformed.
  std::optional<std::vector<emvcrypto::Tag>> add_list(emvcrypto::ByteView list,
                                                      const std::string& where);

  bool has(emvcrypto::Tag tag) const { return objects_.contains(tag); }

  /// The value, or nullptr. Valid until the store goes: values never change.
  const emvcrypto::Bytes* find(emvcrypto::Tag tag) const;

  /// The value; empty when absent.
  emvcrypto::ByteView get(emvcrypto::Tag tag) const;

  struct Object {
    emvcrypto::Bytes value;
    std::string where;
  };
  const std::map<emvcrypto::Tag, Object>& objects() const { return objects_; }

  /// 5A as digits without its padding; empty when absent or not digits.
  std::string pan() const;
  /// 5F34 as two digits; "00" when absent or not digits.
  std::string psn() const;

 private:
  std::map<emvcrypto::Tag, Object> objects_;
};

/// The digits of a compressed numeric value up to its F padding; nothing when it holds anything
/// else.
std::optional<std::string> digits_of(emvcrypto::ByteView value);

}  // namespace kpd::tester
