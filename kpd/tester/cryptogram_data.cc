// The input of an application cryptogram, out of what went to the card and what came back.
#include <algorithm>
#include <stdexcept>

#include "kpd/tester/issuer_host.h"

namespace kpd::tester {
namespace {

/// The value of a tag as it went last, or nullptr.
const emvcrypto::Bytes* last_sent(const CryptogramInput& input, emvcrypto::Tag tag) {
  const auto found = std::find_if(input.sent.rbegin(), input.sent.rend(),
                                  [tag](const SentValue& sent) { return sent.tag == tag; });
  return found == input.sent.rend() ? nullptr : &found->value;
}

}  // namespace

emvcrypto::Expected<emvcrypto::Bytes> cryptogram_data(const CryptogramInput& input) {
  emvcrypto::Bytes terminal_data;
  for (const auto tag : input.version->terminal_data) {
    const auto* value = last_sent(input, tag);
    if (!value)
      return emvcrypto::fault("ac-data", "the CDOL does not ask for " + emvcrypto::tag_name(tag) +
                                             ", which the cryptogram covers");
    emvcrypto::append(terminal_data, *value);
  }
  try {
    return emvcrypto::cryptogram_input(*input.version, terminal_data, input.aip, input.atc,
                                       input.iad);
  } catch (const std::invalid_argument& wrong_length) {
    return emvcrypto::fault("ac-data", wrong_length.what());
  }
}

}  // namespace kpd::tester
