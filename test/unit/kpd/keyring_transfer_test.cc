// Keys in key blocks and wrapped, between tokens.
#include <catch2/catch.hpp>

#include "emvcrypto/key_block_wrap.h"
#include "kpd/exit_code.h"
#include "kpd/keyring/block_transfer.h"
#include "kpd/keyring/public_key.h"
#include "kpd/keyring/wrapped_key.h"
#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

using hsm_test::Bytes;
using hsm_test::sample;
using kpd::KeyAlgorithm;
using kpd::KeyEntry;
using Method = hsm::Token::WrapMethod;

namespace {

struct Office {
  hsm_test::TestDevice device;
  kpd_test::TempFolder folder;
  kpd::Keyring keys{
      "preparation", device.token, folder.path() / "keys.db",
      kpd::AuditLog(folder.path() / "audit.jsonl", {1, "officer", [] { return "now"; }})};

  KeyEntry make(const std::string& name, const std::string& role, KeyAlgorithm algorithm,
                bool exportable = true, std::uint8_t start = 1) {
    kpd::NewKey key;
    key.name = name;
    key.role = kpd::find_role(role);
    key.algorithm = algorithm;
    key.usage = kpd::role_usage(*key.role, "preparation");
    key.usage.extractable = exportable;
    return keys.make(key, [&](const std::string& label) {
      if (algorithm == KeyAlgorithm::rsa) {
        key.usage.extractable = false;
        return device.token->generate_rsa(2048, 65537, key.usage, label);
      }
      return device.token->create_secret(kpd::key_type(algorithm),
                                         hsm::Secret(sample(kpd::key_size(algorithm), start)),
                                         key.usage, label);
    });
  }

  kpd::ImportedKey import(const std::string& block, const KeyEntry& protecting,
                          const std::string& role = "IMK-AC",
                          const hsm::Usage& usage = {.encrypt = true}) const {
    return kpd::import_block(keys, block, protecting, *kpd::find_role(role), usage, false);
  }
};

template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const kpd::Failure& failure) {
    return failure.what();
  }
  return "";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a key block of each version comes back as the key that went into it") {
  Office office;
  const KeyEntry des = office.make("KBPK-DES", "KBPK", KeyAlgorithm::des3, true, 9);
  const KeyEntry aes = office.make("KBPK-AES", "KBPK", KeyAlgorithm::aes256, false, 7);
  const KeyEntry key = office.make("MASTER", "IMK-AC", KeyAlgorithm::des2);
  for (const char version : {'A', 'B', 'C', 'D'}) {
    CAPTURE(version);
    const KeyEntry& protecting = version == 'D' ? aes : des;
    kpd::BlockOptions options;
    options.version = version;
    options.with_kcv = true;
    const std::string block = kpd::export_block(office.keys, key, protecting, options);
    CHECK(block.substr(0, 1) == std::string(1, version));
    CHECK(block.substr(5, 4) == "E0TX");
    const auto imported = office.import(block, protecting);
    CHECK(imported.kcvs.zeros == key.kcvs.zeros);
    CHECK(imported.header.exportability == 'N');
    // The same by a protection key in this process.
    const hsm::Secret kbpk(version == 'D' ? sample(32, 7) : sample(24, 9));
    auto keys = emvcrypto::key_block_keys(version, kbpk);
    const auto value = emvcrypto::unwrap_key_block(*emvcrypto::parse_key_block(block), keys);
    REQUIRE(value);
    CHECK(Bytes(value->expose().begin(), value->expose().end()) == sample(16));
    for (std::size_t at = 0; at < 16; ++at) {
      std::string changed = block;
      changed[at] = changed[at] == '0' ? '1' : '0';
      CHECK(refusal([&] { office.import(changed, protecting); }) != "");
    }
  }
}

TEST_CASE("a block is refused for another role, mode, exportability or protection key") {
  Office office;
  const KeyEntry kbpk = office.make("KBPK", "KBPK", KeyAlgorithm::aes128, false, 7);
  const KeyEntry other = office.make("OTHER", "KBPK", KeyAlgorithm::aes128, false, 8);
  const KeyEntry key = office.make("MASTER", "IMK-AC", KeyAlgorithm::des2);
  const std::string block = kpd::export_block(office.keys, key, kbpk, {});
  CHECK(holds(refusal([&] { office.import(block, kbpk, "IMK-SMI"); }), "key usage E0"));
  CHECK(holds(refusal([&] { office.import(block, other); }), "protection key"));
  CHECK(holds(refusal([&] { office.import(block, key); }), "KBPK"));
  CHECK(holds(refusal([&] {
                office.import(block, kbpk, "IMK-AC", {.encrypt = true, .extractable = true});
              }),
              "not exportable"));
  const KeyEntry zone = office.make("KEK1", "KEK1", KeyAlgorithm::des2);
  kpd::BlockOptions encrypt_only;
  encrypt_only.mode = 'E';
  const std::string zone_block = kpd::export_block(office.keys, zone, kbpk, encrypt_only);
  CHECK(holds(refusal([&] { office.import(zone_block, kbpk, "KEK1", {.decrypt = true}); }),
              "mode of use E"));
  CHECK(office.import(zone_block, kbpk, "KEK1", {.encrypt = true}).algorithm == KeyAlgorithm::des2);
}

TEST_CASE("a block is refused for a component, a one-sided mode and a weak protection key") {
  Office office;
  const KeyEntry weak = office.make("WEAK", "KBPK", KeyAlgorithm::des2, true, 5);
  const KeyEntry kbpk = office.make("KBPK", "KBPK", KeyAlgorithm::aes256, false, 7);
  const auto block = [](char version, const Bytes& protecting, const std::string& usage,
                        char algorithm, char mode, const std::string& key_version,
                        std::size_t size) {
    emvcrypto::KeyBlockHeader header;
    header.version = version;
    header.usage = usage;
    header.algorithm = algorithm;
    header.mode = mode;
    header.key_version = key_version;
    auto keys = emvcrypto::key_block_keys(version, hsm::Secret(protecting));
    return emvcrypto::wrap_key_block(header, hsm::Secret(sample(size)), keys, size, sample(64));
  };
  const Bytes strong = sample(32, 7);
  CHECK(
      refusal([&] { office.import(block('D', strong, "E0", 'T', 'X', "00", 16), kbpk); }).empty());
  CHECK(holds(refusal([&] { office.import(block('D', strong, "E0", 'T', 'X', "c1", 16), kbpk); }),
              "component 1"));
  CHECK(holds(
      refusal([&] { office.import(block('D', strong, "C0", 'T', 'V', "00", 16), kbpk, "CVK"); }),
      "mode of use V"));
  CHECK(holds(refusal([&] {
                office.import(block('D', strong, "M3", 'T', 'G', "00", 16), kbpk, "MAC",
                              {.decrypt = true});
              }),
              "mode of use G"));
  for (const char version : {'A', 'B'})
    CHECK(holds(refusal([&] {
                  office.import(block(version, sample(16, 5), "E0", 'A', 'X', "00", 32), weak);
                }),
                "weaker"));
}

TEST_CASE("a key leaves only where it may, under a key that is not weaker") {
  Office office;
  const KeyEntry des = office.make("DES", "KBPK", KeyAlgorithm::des2, false, 5);
  const KeyEntry small = office.make("SMALL", "KEK", KeyAlgorithm::aes128, false, 6);
  const KeyEntry large = office.make("LARGE", "IMK-AC", KeyAlgorithm::aes256);
  const KeyEntry master = office.make("MASTER", "IMK-AC", KeyAlgorithm::des2);
  const KeyEntry kept = office.make("KEPT", "IMK-AC", KeyAlgorithm::des2, false);
  CHECK(holds(refusal([&] { kpd::export_block(office.keys, large, des, {}); }), "weaker"));
  CHECK_THROWS_AS(kpd::export_block(office.keys, kept, des, {}), hsm::SetupError);
  CHECK(holds(refusal([&] { kpd::wrap_under(office.keys, large, small, Method::aes_kwp); }),
              "weaker"));
  CHECK(holds(refusal([&] { kpd::wrap_under(office.keys, kept, small, Method::aes_kwp); }),
              "exportable"));
  CHECK(holds(refusal([&] {
                kpd::BlockOptions old;
                old.version = 'A';
                kpd::export_block(office.keys, kept, des, old);
              }),
              "may not leave"));
  kpd::BlockOptions wrong;
  wrong.usage = "C0";
  CHECK(holds(refusal([&] { kpd::export_block(office.keys, master, small, wrong); }), "E0"));
}

TEST_CASE("a wrapped key goes from one token into another, by AES and by RSA") {
  Office sender;
  const auto there = sender.device.make_token("second");
  kpd_test::TempFolder folder;
  const kpd::Keyring receiver("preparation", there, folder.path() / "keys.db", sender.keys.audit());
  const hsm::Secret value(sample(32, 3));
  there->create_secret(hsm::KeyType::aes, value, {.wrap = true, .unwrap = true}, "KEK");
  sender.device.token->create_secret(hsm::KeyType::aes, value, {.wrap = true, .unwrap = true},
                                     "KEK");
  const hsm::Key pair = there->generate_rsa(2048, 65537, {.unwrap = true}, "TRANSPORT");
  for (const KeyAlgorithm algorithm :
       {KeyAlgorithm::des2, KeyAlgorithm::des3, KeyAlgorithm::aes192}) {
    const std::string name = "K-" + std::string(kpd::algorithm_name(algorithm));
    const KeyEntry key = sender.make(name, "KEK1", algorithm);
    for (const Method method : {Method::aes_kw, Method::aes_kwp, Method::rsa_oaep}) {
      const std::string label = name + std::string(kpd::wrap_method_name(method));
      CAPTURE(label);
      const auto out =
          kpd::is_rsa(method)
              ? kpd::wrap_for(sender.keys, key, there->public_key(pair), method)
              : kpd::wrap_under(sender.keys, key, sender.keys.find("KEK", std::nullopt), method);
      const auto in = kpd::parse_wrapped_key(kpd::wrapped_key_text(out), "file");
      CHECK(in.kcv == key.kcv);
      const KeyEntry ours = receiver.find(kpd::is_rsa(method) ? "TRANSPORT" : "KEK", std::nullopt);
      const hsm::Key arrived =
          kpd::unwrap_key(receiver, in, ours, method, algorithm, {.decrypt = true}, label);
      CHECK(emvcrypto::to_hex(there->kcv(arrived)) == key.kcv);
      auto changed = in;
      changed.wrapped[3] ^= 1;
      CHECK_THROWS(kpd::unwrap_key(receiver, changed, ours, method, algorithm, {.decrypt = true},
                                   label + "x"));
      changed = in;
      changed.under = "ABCDEF";
      CHECK(holds(refusal([&] {
                    kpd::unwrap_key(receiver, changed, ours, method, algorithm, {}, label + "x");
                  }),
                  "another key"));
    }
  }
}

TEST_CASE("what is no wrapped key is refused, and bare hexadecimal is one") {
  CHECK(kpd::parse_wrapped_key("0123 \n AB\n", "f").wrapped == emvcrypto::from_hex("0123AB"));
  for (const char* text :
       {"", "{", "[]", "{\"kind\":\"other\"}", "xyz",
        "{\"kind\":\"wrapped-key\",\"wrapped\":\"0\"}", "{\"kind\":\"wrapped-key\",\"wrapped\":5}"})
    CHECK(refusal([&] { kpd::parse_wrapped_key(text, "f"); }) != "");
}

TEST_CASE("public keys are PEM as other programs have it, and nothing else is read as one") {
  const hsm::RsaPublic key{sample(256, 0x81), emvcrypto::from_hex("010001")};
  const std::string pem = kpd::public_key_pem(key);
  CHECK(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
  const auto again = kpd::parse_public_key_pem("text before\n" + pem + "text behind");
  REQUIRE(again);
  CHECK(again->modulus == key.modulus);
  CHECK(again->exponent == key.exponent);
  const Bytes der = kpd::public_key_der(key);
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(kpd::parse_public_key_der(emvcrypto::ByteView(der).first(size)));
  for (std::size_t at = 0; at < 32; ++at) {
    Bytes changed = der;
    changed[at] ^= 0x40;
    CHECK_FALSE(kpd::parse_public_key_der(changed));
  }
  CHECK_FALSE(kpd::parse_public_key_pem("-----BEGIN PUBLIC KEY-----\n"));
  CHECK_FALSE(
      kpd::parse_public_key_pem("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----"));
}
