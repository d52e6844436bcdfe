#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cps/loader.h"
#include "test/unit/cps/scripted_card.h"
#include "test/unit/cps/software_key_service.h"

using namespace cps;
using emvcrypto::from_hex;

namespace {

nlohmann::json vector_named(const std::string& file, const std::string& id) {
  std::ifstream in(std::string(KPD_TEST_VECTORS) + "/" + file);
  const auto json = nlohmann::json::parse(in);
  for (const auto& entry : json.at("vectors"))
    if (entry.at("id") == id) return entry;
  throw std::invalid_argument("no vector " + id);
}

// Keys as a real card's test vector gives them: static, not derived.
class StaticKeyService final : public KeyService {
 public:
  explicit StaticKeyService(const nlohmann::json& inputs) : inputs_(inputs) {}
  emvcrypto::Scp02Keys scp02_keys(const std::string&,
                                  const emvcrypto::Scp02CardAnswer& answer) override {
    const Bytes& sequence = answer.sequence;
    const auto key = [&](const char* name, emvcrypto::Scp02Key use) {
      Bytes session = emvcrypto::scp02_session_input(use, sequence);
      emvcrypto::make_des(from_hex(inputs_.at(name).get<std::string>()))->encrypt_cbc(session);
      session.resize(16);
      return session;
    };
    return {emvcrypto::make_des(key("K_ENC", emvcrypto::Scp02Key::enc)),
            emvcrypto::make_retail_mac_key(key("K_MAC", emvcrypto::Scp02Key::mac)),
            emvcrypto::make_des(key("K_DEK", emvcrypto::Scp02Key::dek))};
  }
  emvcrypto::Scp03Keys scp03_keys(const std::string&, const emvcrypto::Scp03CardAnswer&,
                                  ByteView) override {
    return {};
  }
  CardKeyField key_for_card(const std::string&, ByteView, emvcrypto::CardKey,
                            emvcrypto::SecureChannel&) override {
    return {};
  }
  Bytes encipher_data(const DataKey&, bool, ByteView) override { return {}; }
  Bytes mac_data(const DataKey&, ByteView) override { return {}; }
  Bytes random(std::size_t) override {
    const Bytes command = from_hex(inputs_.at("initialize_update").get<std::string>());
    return Bytes(command.begin() + 5, command.begin() + 13);
  }
  Bytes rewrap(ByteView, std::uint8_t, ByteView, emvcrypto::SecureChannel&) override { return {}; }
  bool mac_is_right(ByteView, ByteView, ByteView) override { return false; }

 private:
  nlohmann::json inputs_;
};

}  // namespace

TEST_CASE("a whole personalisation session is the test vector's, byte for byte") {
  const auto vector = vector_named("cps_perso_examples.json", "calc-full-cps-session");
  const auto text = [&vector](const char* part, const char* name) {
    return vector.at(part).at(name).get<std::string>();
  };
  const Bytes transport_key = from_hex("0123456789ABCDEFFEDCBA9876543210");
  Bytes keys = from_hex(text("inputs", "DGI_8000_clear"));
  emvcrypto::make_des(transport_key)->encrypt(keys);

  Application application;
  application.aid = from_hex("A1B2C3D4E50102");
  application.transport_keys = {{{'T', 'K', '0', '1'}, 0x20, 0x11, {0x8000}}};
  application.steps = {Step{}};
  application.steps[0].instructions.security_level = 0x01;
  application.steps[0].instructions.enciphered = {{0x8000, 0x11}};
  application.dgis = {{0x8000, keys}, {0x9000, from_hex(text("inputs", "DGI_9000"))}};
  Record record;
  record.applications = {application};

  test::SoftwareKeyService service(from_hex(text("inputs", "KMC")));
  service.host_challenge = from_hex(text("inputs", "host_challenge"));
  service.transport_keys[{'T', 'K', '0', '1'}] = transport_key;
  test::ScriptedCard card({{"00A4040007A1B2C3D4E5010200", "6F009000"},
                           {text("expected", "initialize_update"),
                            text("expected", "initialize_update_response") + "9000"},
                           {text("expected", "external_authenticate"), "9000"},
                           {text("expected", "store_data_8000"), "9000"},
                           {text("expected", "store_data_9000_last"), "9000"}});
  LoadOptions options;
  options.require_mac = false;
  NullLoadObserver observer;
  const LoadResult result =
      drive(load_record(record, options, service, observer), card, std::chrono::milliseconds(1000));
  CHECK(result.outcome == LoadOutcome::done);
  CHECK(result.store_data == 2);
  CHECK(card.finished());
}

TEST_CASE("the loader opens the secure channels that other implementations recorded") {
  for (const char* id : {"pysim-scp02", "kaoh-scp02-mac"}) {
    const auto vector = vector_named("scp02.json", id);
    INFO(id);
    const std::string update = vector.at("inputs").at("initialize_update");
    const std::string answer = vector.at("inputs").at("initialize_update_response");
    const std::string authenticate = vector.at("expected").at("external_authenticate");
    Application application;
    application.aid = from_hex("A1B2C3D4E50102");
    application.steps = {Step{}};
    application.steps[0].instructions.security_level = from_hex(authenticate.substr(4, 2))[0];
    application.dgis = {{0x9000, Bytes(9, 0x90)}};
    Record record;
    record.applications = {application};
    LoadOptions options;
    options.require_mac = false;
    options.profile.key_version = from_hex(update)[2];
    StaticKeyService service(vector.at("inputs"));
    test::ScriptedCard card({{"", "9000"}, {update, answer + "9000"}, {authenticate, "6A86"}});
    NullLoadObserver observer;
    const LoadResult result = drive(load_record(record, options, service, observer), card,
                                    std::chrono::milliseconds(1000));
    CHECK(result.outcome == LoadOutcome::refused);
    CHECK(card.finished());
  }
}
