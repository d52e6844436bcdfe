/// What a calculation gives: a small tree of named values, in order. Secrets and PANs enter by
/// doors of their own, so that no function decides alone what people see.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/secret.h"
#include "kpd/inspect/mask.h"
#include "kpd/inspect/node.h"

namespace kpd::calc {

/// One value or group of a result.
struct Item {
  enum class Shape {
    text,
    number,
    truth,
    group,  ///< members with names
    node,   ///< the same; people see its texts in one line
    list    ///< members without names
  };
  Shape shape = Shape::group;
  std::string name;
  std::string text;
  std::uint64_t number = 0;
  std::vector<Item> members;
};

/// What may be shown.
struct Disclosure {
  bool clear_test_keys = false;  ///< keys and PINs
  bool show_pan = false;
};

/// How a key's check value is made.
enum class KeyType {
  des,      ///< 3 bytes of a zero block enciphered
  aes,      ///< 5 bytes of the CMAC of a zero block
  aes_card  ///< 3 bytes of 01*16 enciphered, as cards have it
};

/// A group being filled. The root of a result owns the mask; groups below share it.
class Result {
 public:
  explicit Result(const Disclosure& disclosure);

  /// PANs that are known from here on do not stand whole in any later text or bytes.
  void learn_pan(std::string_view digits);
  void learn_tlv(emvcrypto::ByteView tlvs);

  /// Bytes, in hexadecimal.
  void hex(std::string_view name, emvcrypto::ByteView bytes);
  /// Words of ours, cryptograms, key blocks: what holds no cardholder data.
  void text(std::string_view name, std::string_view text);
  /// Text from outside, in which card numbers are looked for.
  void free_text(std::string_view name, std::string_view text);
  void number(std::string_view name, std::uint64_t number);
  void truth(std::string_view name, bool holds);

  /// Digits of a PAN, or most of one.
  void pan(std::string_view name, std::string_view digits);
  /// The check value of a key that was given: the key itself never comes back.
  void check_value(std::string_view name, const emvcrypto::Secret& key, KeyType type);
  /// A key that is a result: its check value and, where that may be shown, the key.
  void key(std::string_view name, const emvcrypto::Secret& key, KeyType type);
  /// A PIN or PIN block where it may be shown; else a group that says so. hex: bytes, not
  /// characters.
  void secret(std::string_view name, const emvcrypto::Secret& secret, bool hex);

  /// A group or list inside; one level of a list's members has no name.
  Result group(std::string_view name);
  Result list(std::string_view name);
  /// What `kpd inspect` would show.
  void nodes(std::string_view name, const std::vector<inspect::Node>& nodes);

  inspect::Mask& mask() { return state_->mask; }
  bool shows_secrets() const { return state_->disclosure.clear_test_keys; }
  /// All there is so far.
  const Item& root() const { return state_->root; }

 private:
  struct State {
    explicit State(const Disclosure& d) : disclosure(d), mask(d.show_pan) {}
    Disclosure disclosure;
    inspect::Mask mask;
    Item root;
  };
  Result(std::shared_ptr<State> state, std::vector<std::size_t> path);
  Item& here();
  Item& add(std::string_view name, Item::Shape shape);
  Result inside(std::string_view name, Item::Shape shape);

  std::shared_ptr<State> state_;
  std::vector<std::size_t> path_;  ///< places from the root down
};

/// The check value of a key. DES: 8, 16 or 24 bytes; AES: 16, 24 or 32. Throws
/// std::invalid_argument on another length.
emvcrypto::Bytes key_check_value(const emvcrypto::Secret& key, KeyType type);

}  // namespace kpd::calc
