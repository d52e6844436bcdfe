/// How a batch is written.
#pragma once

#include <string>
#include <vector>

#include "cps/card_file.h"
#include "kpd/plan/text_template.h"

namespace kpd {

/// A field of a line that the profile composes itself.
struct LineTextPlan {
  std::string name;
  std::vector<TextTemplate> by_card;  ///< as Plan::cards
};

struct OutputPlan {
  std::string file;
  cps::FileFormat format = cps::FileFormat::cps;
  std::string chip_mic = "$CHP";
  std::string layout_version = "02.1";
  std::string status = "00";
  std::vector<cps::Bytes> product_ids;
  cps::RecordLayout layout;
  std::uint8_t key_type = 0x20;  ///< TYPETK
  bool fresh_transport_keys = true;
  bool record_mac = true;
  cps::TaggedLayout tagged;  ///< its cards as Plan::cards, frames yet empty
  cps::LineLayout lines;
  std::vector<LineTextPlan> line_texts;
};

}  // namespace kpd
