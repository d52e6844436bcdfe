/// How a batch is written.
#pragma once

#include <string>
#include <vector>

#include "cps/card_file.h"
#include "kpd/plan/application_plan.h"

namespace kpd {

/// A field of a line that the profile composes itself.
struct LineTextPlan {
  std::string name;
  std::vector<TextTemplate> by_card;  ///< as Plan::cards
};

/// CMODE of the DGIs that say none themselves, by what they hold.
struct CmodePlan {
  cps::Cmode card_keys = cps::Cmode::ecb, icc_keys = cps::Cmode::ecb, pin = cps::Cmode::ecb;
};

/// The cipher of the transport key for card keys. PINs and RSA parts are always under 3DES.
enum class TransportCipher { des, aes };

struct OutputPlan {
  std::string file;
  cps::FileFormat format = cps::FileFormat::cps;
  std::string chip_mic = "$CHP";
  std::string layout_version = "02.1";
  std::string status = "00";
  std::vector<cps::Bytes> product_ids;
  cps::RecordLayout layout;
  std::uint8_t key_type = 0x20;  ///< TYPETK
  CmodePlan cmodes;
  cps::Bytes initial_value = cps::Bytes(8, 0x00);  ///< of CBC, 8 bytes
  bool fresh_transport_keys = true;
  TransportCipher card_key_cipher = TransportCipher::des;
  bool record_mac = true;
  cps::TaggedLayout tagged;  ///< its cards as Plan::cards, frames yet empty
  cps::LineLayout lines;
  std::vector<LineTextPlan> line_texts;
  /// How a DGI is enciphered under its transport key; nothing for one that is not secret.
  std::optional<cps::Cmode> cmode_of(const DgiPlan& dgi) const;
};

}  // namespace kpd
