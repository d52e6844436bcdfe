/// Where cardholders' PINs come from, and how their holders are told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpd/plan/text_template.h"

namespace kpd {

/// PINs that follow from a key and the card (IBM 3624).
struct Ibm3624Plan {
  std::size_t key = 0;         ///< PVK, index in Plan::keys
  TextTemplate validation;     ///< 16 hexadecimal digits
  std::string decimalisation;  ///< 16 digits
  std::size_t length = 4;      ///< digits of PIN and offset
};

/// PINs that nobody shall get by chance.
struct WeakPins {
  bool repeats = false;    ///< 0000, 1111 ...
  bool sequences = false;  ///< 1234, 9876, 8901 ...
  std::vector<std::string> list;
};

/// How the job comes by its PINs.
struct PinSourcePlan {
  enum class From {
    none,
    block,   ///< an ISO 9564-1 PIN block under `key` in `field`
    offset,  ///< IBM 3624: natural PIN and the offset in `field`
    random   ///< drawn by the device
  };
  /// Where length, digits and fill of a PIN block are looked at.
  enum class Check { none, device, host };
  From from = From::none;
  Check check = Check::host;
  std::optional<FieldId> field;   ///< offset without a field: the natural PIN itself
  int format = 0;                 ///< block: 0, 1, 3 or 4
  std::size_t key = 0;            ///< block: index in Plan::keys
  Ibm3624Plan ibm3624;            ///< offset
  std::size_t length = 4;         ///< random: digits
  WeakPins refused;               ///< random
  std::uint64_t max_faults = 50;  ///< PINs that may be wrong before the run stops; 0: any number
};

/// Data for the printer of PIN mailers: a line for each card that was made.
struct MailerPlan {
  struct Field {
    std::string name;
    TextTemplate text;
  };
  std::string file;     ///< absolute, or relative to the working folder
  std::size_t key = 0;  ///< index in Plan::keys
  int format = 1;       ///< of its PIN blocks: 0, 1, 3 or 4
  std::vector<Field> fields;
  /// Whoever opens a block that is bound to the PAN needs the whole PAN.
  bool needs_pan() const { return format != 1; }
};

}  // namespace kpd
