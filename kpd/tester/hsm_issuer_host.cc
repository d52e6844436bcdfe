#include "kpd/tester/hsm_issuer_host.h"

#include <array>

#include "kpd/keys/retail_key.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::RetailMacKey;

/// The card's part of the input, which may have any length before it is looked at.
bool lengths_fit(const CryptogramInput& input) {
  return !input.pan.empty() && input.pan.size() <= 19 && input.psn.size() == 2 &&
         input.atc.size() == 2 && input.ac.size() == 8 && input.unpredictable.size() == 4;
}

}  // namespace

HsmIssuerHost::HsmIssuerHost(std::shared_ptr<hsm::Token> token, MasterKeys masters,
                             Approval approval)
    : token_(std::move(token)), masters_(std::move(masters)), approval_(std::move(approval)) {
  if (approval_.arpc_code.empty()) approval_.arpc_code = approval_.response_code;
}

emvcrypto::Expected<HostAnswer> HsmIssuerHost::verify(const CryptogramInput& input) {
  const auto master = masters_(input.aid);
  if (!master) return emvcrypto::fault("ac-key", "no master key is named for this application");
  if (input.udk_option == emvcrypto::UdkOption::c)
    return emvcrypto::fault("ac-option", "UDK option C belongs to AES keys");
  if (!lengths_fit(input))
    return emvcrypto::fault("ac-length", "PAN, ATC or cryptogram have impossible lengths");
  const auto data = cryptogram_data(input);
  if (!data) return tl::unexpected(data.error());

  const auto& version = *input.version;
  const Bytes expected = emvcrypto::application_cryptogram(
      key_of(input, *master, version.session_key), *data, version.padding);
  HostAnswer answer;
  answer.arqc_right = expected == input.ac;
  answer.response_code = approval_.response_code;
  if (answer.arqc_right)
    answer.issuer_authentication_data =
        issuer_data(input, key_of(input, *master, version.arpc_key));
  return answer;
}

RetailMacKey HsmIssuerHost::key_of(const CryptogramInput& input, const hsm::Key& master,
                                   emvcrypto::SessionKeyRule rule) const {
  const Bytes udk_input = emvcrypto::udk_input(input.udk_option, input.pan, input.psn);
  const Bytes session_input = emvcrypto::session_key_input(rule, input.atc, input.unpredictable);
  if (session_input.empty()) return derived_retail_key(token_, master, udk_input);
  hsm::Usage usage;
  usage.derive = true;
  const std::array<Bytes, 1> inputs{udk_input};
  const auto udk = token_->derive(master, inputs, hsm::Token::DeriveMode::ecb, usage);
  return derived_retail_key(token_, udk.at(0), session_input);
}

Bytes HsmIssuerHost::issuer_data(const CryptogramInput& input, RetailMacKey key) const {
  if (input.version->arpc == emvcrypto::ArpcMethod::one)
    return emvcrypto::concat(
        {emvcrypto::arpc_method_1(*key.whole, input.ac, approval_.arpc_code), approval_.arpc_code});
  const Bytes arpc = emvcrypto::arpc_method_2(key, input.ac, approval_.csu, approval_.proprietary);
  return emvcrypto::concat({arpc, approval_.csu, approval_.proprietary});
}

}  // namespace kpd::tester
