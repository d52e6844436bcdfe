/// How people see cardholder data: PANs by their first six and last four digits, names by their
/// initials, track and verification data not at all (PCI DSS 3.4).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/tlv.h"

namespace kpd::inspect {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// What is hidden in one record. It knows PAN and name once it has seen the chip's data, and so
/// finds them in any other part.
class Mask {
 public:
  /// open: show everything, which is for test data alone.
  explicit Mask(bool open = false) : open_(open) {}
  bool open() const { return open_; }

  /// Remembers PAN and name from BER-TLV (5A, 57, 5F20, 9F0B). Anything else teaches nothing.
  void learn(ByteView tlvs);
  /// The same of track 1 or 2 as encoders take it.
  void learn_track(std::string_view text);
  void learn_pan(std::string_view digits);
  void learn_name(std::string_view name);
  /// For the next record.
  void forget();

  /// Digits, less those between the first six and the last four.
  std::string pan(std::string_view digits) const;
  /// "PETROVA/OLGA" as "P******/O***".
  std::string name(std::string_view text) const;
  /// Stars, one a character.
  std::string all(std::string_view text) const;
  /// Track 1 or 2 as encoders take it, or "PAN=YYMM.." as in tag 57; anything else as text().
  std::string track(std::string_view text) const;
  /// As track(), but what is not a track shows nothing of itself.
  std::string strict_track(std::string_view text) const;
  /// Free text: known names, known PANs, and every number of 12 to 19 digits with a right check
  /// digit, also in groups ("4761 7390 0101 0010").
  std::string text(std::string_view text) const;
  /// The field of a machine's module: a track or a text, in which a number of three digits alone
  /// may be a card verification value.
  std::string module(std::string_view text) const;
  /// Hexadecimal. guess: of data that nobody knows the meaning of; numbers are then looked for too.
  std::string hex(ByteView bytes, bool guess) const;

 private:
  bool open_;
  std::set<std::string, std::less<>> pans_, names_;
};

}  // namespace kpd::inspect
