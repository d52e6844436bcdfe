#include "kpd/chip/application.h"

#include "emvcrypto/tlv.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kLongestFci = 230;  // with 84 and 6F it stays within 256 bytes

}  // namespace

Answer Application::select() const {
  Bytes inner = emvcrypto::make_tlv(0x84, aid_);
  emvcrypto::append(inner, fci().empty() ? ByteView(emvcrypto::make_tlv(0xA5, {})) : fci());
  return Answer(emvcrypto::make_tlv(0x6F, inner), is_blocked() ? sw::blocked_application : sw::ok);
}

bool is_fci_template(ByteView value) {
  if (value.size() > kLongestFci || !emvcrypto::parse_tlv_tree(value)) return false;
  ByteView rest = value;
  const auto object = emvcrypto::next_tlv(rest);
  return object && object->tag == 0xA5 && rest.empty();
}

}  // namespace kpd::chip
