#include "kpd/certificates/check_response.h"

#include <fmt/format.h>

namespace kpd {
namespace {

using emvcrypto::fault;
using emvcrypto::to_hex;

Expected<OpenedResponse> open_under(const ResponseHead& head, ByteView file,
                                    const std::vector<CaKey>& authorities) {
  std::string known;
  std::optional<emvcrypto::Fault> first;
  for (const CaKey& ca : authorities) {
    known += fmt::format("{}{} {:02X}", known.empty() ? "" : ", ", to_hex(ca.rid), ca.index);
    if (ca.index != head.ca_index) continue;
    auto response = read_response(head.family, file, ca);
    if (response) return OpenedResponse{std::move(*response), ca};
    // What another scheme's key of this index gives tells nothing, if one gives more.
    if (!first || first->code == "cert-length" || first->code == "cert-key")
      first = response.error();
  }
  if (first) return tl::unexpected(*first);
  return fault("cert-ca-index",
               fmt::format("no CA key of index {:02X} is here (there are: {}): import it first",
                           head.ca_index, known.empty() ? "none" : known));
}

Expected<void> check_dates(const GoodResponse& good, const emvcrypto::Date& today) {
  const emvcrypto::Date& last_day = good.response.last_day;
  if (last_day < today) return fault("cert-expired", "the certificate ended on " + last_day.iso());
  if (good.ca.last_day && *good.ca.last_day < last_day)
    return fault("cert-expired",
                 "the certificate outlives its CA key, which ends on " + good.ca.last_day->iso());
  if (!good.ca.retired.empty())
    return fault("cert-ca-index", "its CA key was retired on " + good.ca.retired);
  return {};
}

Expected<OwnKey> find_own(const IssuerResponse& response, const std::vector<OwnKey>& own) {
  for (const OwnKey& candidate : own) {
    if (candidate.key.modulus != response.content.key.modulus) continue;
    if (candidate.key.exponent != response.content.key.exponent)
      return fault("cert-exponent",
                   fmt::format("the certificate's exponent is {}, that of our key {} is {}",
                               to_hex(response.content.key.exponent), candidate.uri,
                               to_hex(candidate.key.exponent)));
    return candidate;
  }
  return fault("cert-other-key",
               "the certificate is for another key: no key of this token has its modulus");
}

/// What differs between a request and its answer; empty when nothing does.
std::string difference(const CertificateRequest& request, const GoodResponse& good) {
  const auto differs = [](const char* what, const std::string& asked, const std::string& given) {
    return asked == given ? std::string()
                          : fmt::format("the request asked for {} {}, the certificate has {}", what,
                                        asked, given);
  };
  std::string text =
      differs("issuer identifier", request.issuer_id, to_hex(good.response.content.issuer_id));
  if (text.empty()) text = differs("RID", request.rid, to_hex(good.ca.rid));
  if (text.empty() && good.response.family == FileFamily::indexed)
    text = differs("key index", request.key_index, to_hex(good.response.key_index));
  return text;
}

Expected<void> find_request(GoodResponse& good, const std::vector<CertificateRequest>& requests) {
  std::string why;
  for (const CertificateRequest& request : requests) {
    if (request.key != key_fingerprint(good.own.key)) continue;
    const std::string text = difference(request, good);
    if (text.empty()) {
      good.request = request;
      return {};
    }
    why = text;
  }
  if (!why.empty()) return fault("cert-request", why);
  good.remarks.emplace_back("no request for this key is in the register");
  return {};
}

void remark(GoodResponse& good) {
  constexpr std::size_t kLongestForCards = 247;  // 9F46 in a record (EMV 4.4 Book 2, D1)
  if (good.own.key.size() > kLongestForCards)
    good.remarks.push_back(
        fmt::format("a key of {} bytes signs static data alone: certificates of "
                    "cards' own keys take {} at most",
                    good.own.key.size(), kLongestForCards));
  if (!good.request) return;
  const std::string given = good.response.last_day.mmyy();
  if (given != good.request->expiry)
    good.remarks.push_back(
        fmt::format("asked for until {}/{}, given until {}/{}", good.request->expiry.substr(0, 2),
                    good.request->expiry.substr(2), given.substr(0, 2), given.substr(2)));
}

}  // namespace

std::vector<OwnKey> own_keys(hsm::Token& token) {
  std::vector<OwnKey> keys;
  for (const hsm::KeyInfo& info : token.list()) {
    if (info.type != hsm::KeyType::rsa_private || info.label.empty()) continue;
    try {
      hsm::RsaPublic numbers = token.public_key(token.find(info.label));
      keys.push_back({"pkcs11:object=" + info.label,
                      {std::move(numbers.modulus), std::move(numbers.exponent)}});
    } catch (const hsm::SetupError&) {
      // A label of several keys, or a pair without its public half: no job could use it either.
    }
  }
  return keys;
}

Expected<OpenedResponse> open_response(ByteView file, const std::vector<CaKey>& authorities) {
  const auto heads = response_heads(file);
  if (!heads) return tl::unexpected(heads.error());
  std::optional<emvcrypto::Fault> first;
  for (const ResponseHead& head : *heads) {
    auto opened = open_under(head, file, authorities);
    if (opened) return opened;
    if (!first) first = opened.error();
  }
  return tl::unexpected(*first);
}

Expected<GoodResponse> check_response(ByteView file, const ImportWorld& world) {
  auto opened = open_response(file, world.authorities);
  if (!opened) return tl::unexpected(opened.error());
  GoodResponse good{std::move(opened->response), std::move(opened->ca), {}, {}, {}};
  if (auto dates = check_dates(good, world.today); !dates) return tl::unexpected(dates.error());
  if (!world.test)
    if (const auto why = world.test_keys.why(good.ca))
      return fault("cert-test-key", "it hangs below a test key: " + *why);
  auto own = find_own(good.response, world.own);
  if (!own) return tl::unexpected(own.error());
  good.own = std::move(*own);
  if (auto asked = find_request(good, world.requests); !asked) return tl::unexpected(asked.error());
  remark(good);
  return good;
}

}  // namespace kpd
