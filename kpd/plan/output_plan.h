/// How a batch is written.
#pragma once

#include <string>

#include "cps/card_file.h"

namespace kpd {

struct OutputPlan {
  std::string file;
  std::string chip_mic = "$CHP";
  std::string layout_version = "02.1";
  std::string status = "00";
  cps::RecordLayout layout;
  std::uint8_t key_type = 0x20;  ///< TYPETK
  bool fresh_transport_keys = true;
  bool record_mac = true;
};

}  // namespace kpd
