#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "emvcrypto/rsa.h"
#include "kpd/chip/des.h"
#include "kpd/chip/rsa_card_key.h"
#include "kpd/chip/scp02_card.h"
#include "sample_card.h"

using namespace chiptest;
using kpd::chip::parse_command;
using kpd::chip::RsaCardKey;
using kpd::chip::Scp02CardSession;
using kpd::chip::Scp02Option;

namespace {

nlohmann::json vectors(const char* file) {
  std::ifstream in(std::string(KPD_TEST_VECTORS) + "/" + file);
  return nlohmann::json::parse(in).at("vectors");
}

nlohmann::json vector_named(const char* file, const char* id) {
  for (const auto& vector : vectors(file))
    if (vector.at("id") == id) return vector;
  throw std::runtime_error(id);
}

Bytes bytes_of(const nlohmann::json& text) {
  return from_hex(text.get<std::string>());
}

kpd::chip::CardKeys keys_of(const nlohmann::json& from) {
  return {emvcrypto::Secret(bytes_of(from.at("K_ENC"))),
          emvcrypto::Secret(bytes_of(from.at("K_MAC"))),
          emvcrypto::Secret(bytes_of(from.at("K_DEK")))};
}

/// A source that gives this challenge.
kpd::chip::Random gives(const Bytes& challenge) {
  return [challenge](emvcrypto::MutableBytes out) {
    std::copy_n(challenge.begin(), std::min(challenge.size(), out.size()), out.begin());
  };
}

}  // namespace

TEST_CASE("the card's end of SCP02 agrees with recorded sessions of other programs") {
  for (const char* id : {"pysim-scp02", "kaoh-scp02-mac"}) {
    CAPTURE(id);
    const auto vector = vector_named("scp02.json", id);
    const auto& inputs = vector.at("inputs");
    const Bytes answer = bytes_of(inputs.at("initialize_update_response"));
    const Bytes host = bytes_of(inputs.at("initialize_update"));
    const Bytes challenge(answer.begin() + 14, answer.begin() + 20);
    const auto sequence = static_cast<std::uint16_t>(answer[12] << 8 | answer[13]);
    Scp02CardSession session(keys_of(inputs), Scp02Option::i15, sequence,
                             ByteView(host).subspan(5, 8), {}, gives(challenge));
    CHECK(session.card_cryptogram() == Bytes(answer.begin() + 20, answer.begin() + 28));
    const auto& expected = vector.at("expected");
    REQUIRE(session.authenticate(*parse_command(bytes_of(expected.at("external_authenticate")))) ==
            0x9000);
    if (!expected.contains("wrapped_commands")) continue;
    for (const auto& command : expected.at("wrapped_commands")) {
      const auto plain = parse_command(bytes_of(command.at("plain")));
      const auto wrapped = parse_command(bytes_of(command.at("wrapped")));
      CAPTURE(command.dump());
      REQUIRE(plain);
      REQUIRE(wrapped);
      CHECK(session.unwrap(*wrapped) == plain->data);
    }
  }
}

TEST_CASE("a chip answers a recorded CPS personalisation byte for byte") {
  const auto vector = vector_named("cps_perso_examples.json", "calc-full-cps-session");
  const auto& inputs = vector.at("inputs");
  const auto& expected = vector.at("expected");
  ChipConfig config = chip_config();
  config.key_data = bytes_of(inputs.at("KEYDATA"));
  config.key_version = bytes_of(inputs.at("key_version"))[0];
  config.keys = keys_of(expected);
  config.sequence_counter =
      static_cast<std::uint16_t>(emvcrypto::to_number(bytes_of(inputs.at("sequence_counter"))));
  Chip chip(std::move(config), gives(bytes_of(inputs.at("card_challenge"))));
  chip.power_on();
  select(chip, kPaymentAid);
  const Reply update = send(chip, bytes_of(expected.at("initialize_update")));
  Bytes answer = bytes_of(expected.at("initialize_update_response"));
  answer.resize(28);
  CHECK(to_hex(update.data) == to_hex(answer));
  CHECK(send(chip, bytes_of(expected.at("external_authenticate"))).status == 0x9000);
  CHECK(send(chip, bytes_of(expected.at("store_data_8000"))).status == 0x9000);
  // MAC and check values are right; the application itself is far from complete.
  CHECK(send(chip, bytes_of(expected.at("store_data_9000_last"))).status == 0x6A86);
}

TEST_CASE("CRT parts of a real personalisation make the key that they should") {
  const auto vector = vector_named("cps_perso_examples.json", "pboc-8201-8205");
  const auto& inputs = vector.at("inputs");
  const Bytes padding = from_hex("8000000000000000");
  for (const bool padded : {false, true}) {
    RsaCardKey key;
    const auto load = [&](RsaCardKey::Part part, const char* name) {
      Bytes value = bytes_of(inputs.at(name));
      if (padded) append(value, padding);
      key.load(part, value);
    };
    load(RsaCardKey::Part::qinv, "DGI_8201_qinv(q^-1 mod p)");
    load(RsaCardKey::Part::dq, "DGI_8202_dq");
    load(RsaCardKey::Part::dp, "DGI_8203_dp");
    load(RsaCardKey::Part::q, "DGI_8204_q");
    CHECK_FALSE(key.build(from_hex("010001")));
    load(RsaCardKey::Part::p, "DGI_8205_p");
    CHECK_FALSE(key.build(from_hex("03")));
    REQUIRE(key.build(from_hex("010001")));
    const Bytes block(key.size(), 0x42);
    const auto result = key.apply(block);
    REQUIRE(result);
    CHECK(emvcrypto::rsa_recover(
              {bytes_of(vector.at("expected").at("icc_modulus")), from_hex("010001")}, *result) ==
          block);
  }
}

TEST_CASE("the chip's MACs, check values and session keys agree with published values") {
  using emvcrypto::Secret;
  for (const auto& vector : vectors("mac_kcv_variants.json")) {
    const auto& inputs = vector.at("inputs");
    CAPTURE(vector.at("id").get<std::string>());
    if (inputs.value("method", "").starts_with("3DES-ECB")) {
      const Secret key(bytes_of(inputs.at("key")));
      CHECK(kpd::chip::check_value(key) == bytes_of(vector.at("expected").at("KCV")));
    }
  }
  const auto session = vector_named("emv_session_keys_ac_arpc_cvc3.json", "pyemv-common-sk");
  const Secret derived = kpd::chip::diversified_key(Secret(bytes_of(session.at("inputs").at("MK"))),
                                                    bytes_of(session.at("inputs").at("R")));
  Bytes parity(derived.expose().begin(), derived.expose().end());
  emvcrypto::set_odd_parity(parity);
  CHECK(parity == bytes_of(session.at("expected").at("SK")));
  const auto arqc = vector_named("emv_session_keys_ac_arpc_cvc3.json", "pyemv-arqc-emvpad");
  CHECK(kpd::chip::retail_mac(Secret(bytes_of(arqc.at("inputs").at("SK"))),
                              kpd::chip::padded_80(bytes_of(arqc.at("inputs").at("data")))) ==
        bytes_of(arqc.at("expected").at("ARQC")));
}
