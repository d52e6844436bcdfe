/// What a test is asked to do, and the doors through which it reaches keys.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "cps/record.h"
#include "emvcrypto/rsa.h"
#include "kpd/tester/issuer_host.h"
#include "kpd/tester/terminal_profile.h"

namespace kpd::tester {

/// The tester's doors to the world. An empty one means that what hangs on it is not tested, except
/// `random`, which must be there.
struct Ports {
  /// A CA's key by RID (5 bytes) and index (8F); nothing when unknown.
  std::function<std::optional<emvcrypto::RsaPublicKey>(emvcrypto::ByteView, std::uint8_t)> ca_key;

  /// The cardholder's PIN block in format 2, for an AID and a PAN; nothing when it is not to be
  /// opened. Test jobs only.
  std::function<std::optional<emvcrypto::Secret>(emvcrypto::ByteView, const std::string&)> pin;

  /// Unpredictable bytes, as many as asked for.
  std::function<emvcrypto::Bytes(std::size_t)> random;

  IssuerHost* issuer_host = nullptr;
};

/// One application to test. Without a version its cryptograms are asked for but not judged.
struct ApplicationUnderTest {
  emvcrypto::Bytes aid;
  const emvcrypto::CryptogramVersion* version = nullptr;
  emvcrypto::UdkOption udk_option = emvcrypto::UdkOption::a;
};

/// Which prepared DGIs hold what the terminal can read, beside the records (CPS 1.1, Annex A).
struct PreparedLayout {
  std::vector<cps::DgiId> fci{0x9102, 0x5101};  ///< the first that was prepared
  cps::DgiId processing_options = 0x9104;
  cps::DgiId positional_options = 0xA005;                ///< AIP | AFL without tags
  std::vector<cps::DgiId> data_objects{0x3000, 0x0D01};  ///< TLV lists for GET DATA
  std::vector<cps::DgiId> internal{0x0E01};  ///< look like records, and the card keeps them
  cps::DgiId issuer_data = 0x9200;           ///< 9F10, which comes with every cryptogram
  cps::DgiId pin_counters = 0x9010;          ///< PIN try counter (1), PIN try limit (1)
  cps::DgiId file_control = 0x0062;          ///< templates 62 of files; a file's DGI is its id
  std::vector<cps::DgiId> plain_objects{0x3000, 0x3001};  ///< for GET DATA, where nothing is paid
};

/// One test of one card.
struct TestRequest {
  TerminalProfile profile;
  Ports ports;
  emvcrypto::Bytes atr;                   ///< for the report; may be empty
  const cps::Record* prepared = nullptr;  ///< compared where given; outlives the test
  PreparedLayout layout;
  /// Empty: every application of the prepared record, or else every one that the PSE lists.
  std::vector<ApplicationUnderTest> applications;
  /// Prepared applications that do not pay: what was prepared for them is read and compared.
  std::vector<emvcrypto::Bytes> plain;
};

}  // namespace kpd::tester
