/// How the cards of the tester's tests are made: a good card, with one thing different where a test
/// wants it.
#pragma once

#include "cps/record.h"
#include "kpd/tester/terminal.h"
#include "test/unit/kpd/tester_fake_card.h"

namespace tester_test {

inline const std::string kPan = "9999990000000014";
inline const Bytes kAid = emvcrypto::from_hex("A0000009990101");
inline const Bytes kPseName = [] {
  const auto name = emvcrypto::as_bytes("1PAY.SYS.DDF01");
  return Bytes(name.begin(), name.end());
}();
inline const Bytes kPinBlock = emvcrypto::from_hex("241234FFFFFFFFFF");
inline const Bytes kUdk = emvcrypto::from_hex("0123456789ABCDEFFEDCBA9876543210");

/// What to make; the defaults give a good card that offers everything.
struct Recipe {
  Bytes aip{0x7D, 0x00};  ///< SDA, DDA, CVM, TRM, issuer authentication, CDA
  std::string version = "visa-cvn18";
  Bytes iad = emvcrypto::from_hex("06011203A0B800");
  std::string certificate_pan = kPan;
  std::string ssad_signer = "mrautio-ISS";
  Bytes issuer_expiry{0x12, 0x49}, icc_expiry{0x12, 0x49};
  Bytes issuer_id = emvcrypto::from_hex("999999FF");
  Bytes tag_list{0x82};
  Bytes cvm_list = emvcrypto::from_hex("0000000000000000410344031F00");
  Bytes pdol = emvcrypto::from_hex("9F1A02");
  Bytes ddol = emvcrypto::from_hex("9F3704");
  bool arpc_in_cdol2 = false;
};

inline Bytes tlv(emvcrypto::Tag tag, const Bytes& value) {
  return emvcrypto::make_tlv(tag, value);
}

inline Bytes tlv(emvcrypto::Tag tag, const std::string& hex) {
  return emvcrypto::make_tlv(tag, emvcrypto::from_hex(hex));
}

/// Nothing for an empty value.
inline Bytes optional(emvcrypto::Tag tag, const Bytes& value) {
  return value.empty() ? Bytes() : tlv(tag, value);
}

/// A card's application with its records signed for this recipe.
inline FakeApplication make_application(const Recipe& recipe) {
  using emvcrypto::concat;
  const auto ca = test_signer("mrautio-CA");
  const auto issuer = test_signer("mrautio-ISS");
  const auto icc = test_signer("mrautio-ICC");
  const std::string dol = "9F02069F03069F1A0295055F2A029A039C019F3704";

  FakeApplication app;
  app.aid = kAid;
  app.aip = recipe.aip;
  app.afl = emvcrypto::from_hex("08010101100102001801010018020200");
  app.fci = tlv(
      0x6F, concat({tlv(0x84, kAid),
                    tlv(0xA5, concat({tlv(0x50, "54455354"), optional(0x9F38, recipe.pdol)}))}));
  const Bytes signed_content =
      concat({tlv(0x5A, kPan), tlv(0x5F24, "491231"), tlv(0x5F34, "01"), tlv(0x8E, recipe.cvm_list),
              optional(0x9F4A, recipe.tag_list)});
  app.records[{1, 1}] = tlv(0x70, signed_content);
  const Bytes static_data =
      concat({signed_content, recipe.tag_list.empty() ? Bytes() : recipe.aip});

  const emvcrypto::IssuerCertificate issuer_content{
      recipe.issuer_id, recipe.issuer_expiry, {0, 0, 1}, issuer->public_key()};
  const auto issuer_block =
      emvcrypto::issuer_certificate_block(issuer_content, ca->public_key().size());
  app.records[{2, 1}] =
      tlv(0x70, concat({tlv(0x8F, "92"), tlv(0x90, sign(*ca, issuer_block.block))}));
  app.records[{2, 2}] =
      tlv(0x70, concat({tlv(0x92, issuer_block.remainder), tlv(0x9F32, "03"),
                        tlv(0x93, sign(*test_signer(recipe.ssad_signer),
                                       emvcrypto::ssad_block(Bytes{0xDA, 0xC0}, static_data,
                                                             issuer->public_key().size())))}));
  const emvcrypto::IccCertificate icc_content{
      emvcrypto::compressed_numeric(recipe.certificate_pan, 10),
      recipe.icc_expiry,
      {0, 0, 2},
      icc->public_key()};
  const auto icc_block =
      emvcrypto::icc_certificate_block(icc_content, static_data, issuer->public_key().size());
  Bytes icc_data = concat({tlv(0x9F46, sign(*issuer, icc_block.block)), tlv(0x9F47, "03")});
  emvcrypto::append(icc_data, optional(0x9F48, icc_block.remainder));
  emvcrypto::append(icc_data, optional(0x9F49, recipe.ddol));
  app.records[{3, 1}] = tlv(0x70, icc_data);
  app.records[{3, 2}] = tlv(
      0x70, concat({tlv(0x8C, dol), tlv(0x8D, (recipe.arpc_in_cdol2 ? "8A029108" : "8A02") + dol),
                    tlv(0x57, kPan + "D4912201000000000F")}));
  app.icc = icc;
  app.udk = kUdk;
  app.version = emvcrypto::find_cryptogram_version(recipe.version);
  app.iad = recipe.iad;
  app.pin_block = kPinBlock;
  app.data_objects[0x9F4F] = tlv(0x9F4F, "9F3602");
  return app;
}

/// A card with a PSE and that one application.
inline FakeCard make_card(const Recipe& recipe = {}) {
  FakeCard card;
  card.applications.push_back(make_application(recipe));
  card.directories[kPseName] =
      tlv(0x6F, emvcrypto::concat({tlv(0x84, kPseName), tlv(0xA5, tlv(0x88, "01"))}));
  card.pse_records[{1, 1}] =
      tlv(0x70, tlv(0x61, emvcrypto::concat({tlv(0x4F, kAid), tlv(0x50, "54455354")})));
  return card;
}

/// What was prepared for a card, as the CPS file has it.
inline cps::Record prepared_record(const FakeCard& card) {
  const auto records_of = [](const auto& records, cps::Application& to) {
    for (const auto& [place, bytes] : records)
      to.dgis.push_back({static_cast<cps::DgiId>(place.first << 8 | place.second), bytes});
  };
  cps::Application pse;
  pse.aid = kPseName;
  records_of(card.pse_records, pse);
  pse.dgis.push_back({0x9102, tlv(0xA5, tlv(0x88, "01"))});
  const FakeApplication& from = card.applications.front();
  cps::Application app;
  app.aid = from.aid;
  records_of(from.records, app);
  app.dgis.push_back({0x8010, Bytes(8)});
  const ByteView fci = from.fci;
  const auto inside = emvcrypto::find_tlv(fci, 0xA5);
  app.dgis.push_back({0x9102, emvcrypto::make_tlv(0xA5, *inside)});
  app.dgis.push_back({0x9104, emvcrypto::concat({tlv(0x82, from.aip), tlv(0x94, from.afl)})});
  app.dgis.push_back({0x3000, emvcrypto::concat({tlv(0x9F36, "0000"), tlv(0x9F4F, "9F3602")})});
  cps::Record record;
  record.applications = {pse, app};
  return record;
}

/// The issuer's host over a clear UDK.
class ClearIssuerHost : public kpd::tester::IssuerHost {
 public:
  Bytes udk = kUdk;
  bool spoil_arpc = false;
  int asked = 0;

  emvcrypto::Expected<kpd::tester::HostAnswer> verify(
      const kpd::tester::CryptogramInput& input) override {
    ++asked;
    const auto data = kpd::tester::cryptogram_data(input);
    if (!data) return tl::unexpected(data.error());
    const auto& version = *input.version;
    kpd::tester::HostAnswer answer;
    answer.arqc_right = emvcrypto::application_cryptogram(key(input, version.session_key), *data,
                                                          version.padding) == input.ac;
    answer.response_code = {0x30, 0x30};
    const auto arpc_key = key(input, version.arpc_key);
    const Bytes csu{0x00, 0x80, 0x00, 0x00};
    answer.issuer_authentication_data =
        version.arpc == emvcrypto::ArpcMethod::one
            ? emvcrypto::concat(
                  {emvcrypto::arpc_method_1(*arpc_key.whole, input.ac, answer.response_code),
                   answer.response_code})
            : emvcrypto::concat({emvcrypto::arpc_method_2(arpc_key, input.ac, csu, {}), csu});
    if (spoil_arpc) answer.issuer_authentication_data[0] ^= 1;
    return answer;
  }

 private:
  emvcrypto::RetailMacKey key(const kpd::tester::CryptogramInput& input,
                              emvcrypto::SessionKeyRule rule) const {
    const auto secret = emvcrypto::derive_session_key(
        emvcrypto::Secret(udk), emvcrypto::session_key_input(rule, input.atc, input.unpredictable));
    return emvcrypto::make_retail_mac_key(secret.expose());
  }
};

/// A request that tests everything that the recipe's card offers.
inline kpd::tester::TestRequest make_request(ClearIssuerHost& host,
                                             const std::string& version = "visa-cvn18") {
  kpd::tester::TestRequest request;
  request.profile.country = 643;
  request.profile.currency = 978;
  request.profile.date = {2026, 6, 15};
  request.profile.test = {true, true};
  request.ports.ca_key = [](ByteView rid, std::uint8_t index) {
    const bool known = emvcrypto::to_hex(rid) == "A000000999" && index == 0x92;
    return known ? std::optional(test_signer("mrautio-CA")->public_key()) : std::nullopt;
  };
  request.ports.pin = [](ByteView, const std::string&) {
    return std::optional<emvcrypto::Secret>(emvcrypto::Secret(kPinBlock));
  };
  request.ports.random = [](std::size_t count) { return Bytes(count, 0x5C); };
  request.ports.issuer_host = &host;
  request.applications = {
      {kAid, emvcrypto::find_cryptogram_version(version), emvcrypto::UdkOption::a}};
  return request;
}

inline kpd::tester::CardReport test(FakeCard& card, kpd::tester::TestRequest request) {
  return cps::drive(kpd::tester::test_card(std::move(request)), card, std::chrono::seconds(1));
}

}  // namespace tester_test
