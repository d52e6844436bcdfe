// What must be unique about certificates, and which keys production refuses.
#include "kpd/certificates/certificate_register.h"

#include <catch2/catch.hpp>
#include <thread>

#include "kpd/certificates/certificate_store.h"
#include "kpd/certificates/test_keys.h"
#include "test/unit/kpd/certificate_sample.h"
#include "test/unit/support/temp_folder.h"

using Catch::Matchers::Contains;
using kpd::CertificateRegister;
using kpd::SerialRange;
using kpd_test::TempFolder;

namespace {

SerialRange range(std::uint32_t first, std::uint32_t last, const std::string& digest,
                  const std::string& issuer = "gold") {
  return {"KEY", issuer, first, last, "job-" + digest, digest, "2026-11-22", false};
}

kpd::CertificateRequest request(const std::string& key) {
  return {"gold", "pkcs11:object=gold", key, "format", "F000000099", "476174FF", "000042", "000001",
          "1230", "2026-11-22"};
}

kpd::CaKey ca_of(const std::string& id) {
  const auto inputs = kpd_test::vector_of("ca_public_keys", id).at("inputs");
  const auto bytes = [&](const char* name) {
    return emvcrypto::from_hex(inputs.at(name).get<std::string>());
  };
  kpd::CaKey ca;
  ca.rid = bytes("RID");
  ca.index = bytes("index")[0];
  ca.key = {bytes("modulus"), bytes("exponent")};
  return ca;
}

}  // namespace

TEST_CASE("a serial goes to certificates of one plan", "[certificates]") {
  const TempFolder folder;
  auto registered = CertificateRegister::open(folder.path() / "certificates.db");
  registered.claim({range(1, 100, "AAAAAAAA1")});
  registered.claim({range(1, 100, "AAAAAAAA1")});  // again: it is its own
  CHECK_THROWS_WITH(registered.claim({range(100, 200, "BBBBBBBB1")}),
                    Contains("1 to 100 are those of job 'job-AAAAAAAA1'") &&
                        Contains("from 101 on all are free"));
  registered.claim({range(101, 200, "BBBBBBBB1")});
  CHECK(registered.serials().size() == 2);

  // All of a job's ranges or none; two issuers of one key are no exception.
  CHECK_THROWS_AS(registered.claim({range(300, 400, "CCCCCCCC1"), range(50, 60, "CCCCCCCC1", "b")}),
                  kpd::Failure);
  CHECK_THROWS_AS(
      registered.claim({range(300, 400, "CCCCCCCC1"), range(400, 410, "CCCCCCCC1", "b")}),
      kpd::Failure);
  CHECK(registered.serials().size() == 2);

  CHECK(registered.release("AAAA") == 0);
  CHECK(registered.release("AAAAAAAA") == 1);
  registered.claim({range(1, 100, "DDDDDDDD1")});
}

TEST_CASE("serials that cards were signed with are never free again", "[certificates]") {
  const TempFolder folder;
  auto registered = CertificateRegister::open(folder.path() / "certificates.db");
  registered.claim({range(1, 100, "AAAAAAAA1")});
  SerialRange used = range(1, 100, "AAAAAAAA1");
  used.used = true;
  registered.claim({used});
  registered.claim({range(1, 100, "AAAAAAAA1")});  // does not forget it
  CHECK(registered.serials().front().used);
  CHECK_THROWS_WITH(registered.release("AAAAAAAA"), Contains("cards were signed with them"));
  CHECK_THROWS_AS(registered.claim({range(50, 60, "BBBBBBBB1")}), kpd::Failure);
}

TEST_CASE("of many processes that claim the same serials one gets them", "[certificates]") {
  const TempFolder folder;
  const auto file = folder.path() / "certificates.db";
  std::atomic<int> got = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < 6; ++n)
    threads.emplace_back([&, n] {
      try {
        CertificateRegister::open(file).claim({range(1, 100, "PLAN-" + std::to_string(n))});
        ++got;
      } catch (const kpd::Failure&) {
        ++refused;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(got == 1);
  CHECK(refused == 5);
}

TEST_CASE("a tracking number is for one key", "[certificates]") {
  const TempFolder folder;
  auto registered = CertificateRegister::open(folder.path() / "certificates.db");
  registered.add_request(request("ONE"));
  registered.add_request(request("ONE"));
  CHECK_THROWS_WITH(registered.add_request(request("OTHER")), Contains("for another key"));
  REQUIRE(registered.requests().size() == 1);
  CHECK(registered.requests().front().key == "ONE");
  CHECK(registered.next_ca_serial("CA") == 1);
  CHECK(registered.next_ca_serial("CA") == 2);
  CHECK(registered.next_ca_serial("CB") == 1);
}

TEST_CASE("a damaged register is refused, one that is not there is empty", "[certificates]") {
  const TempFolder folder;
  CHECK_FALSE(CertificateRegister::read(folder.path() / "none.db").has_value());
  const auto file = folder.write("certificates.db", std::string(4096, 'x'));
  CHECK_THROWS_WITH(CertificateRegister::open(file), Contains("damaged"));
}

TEST_CASE("published test keys are known by index, hash and modulus", "[certificates]") {
  const kpd::TestKeys keys;
  CHECK_FALSE(keys.why(ca_of("A000000003-09-1984")).has_value());
  CHECK_FALSE(keys.why(ca_of("A000000004-05-1408")).has_value());
  CHECK(keys.why(ca_of("A000000003-94-1984")).value() == "it is in the list of test keys");
  kpd::CaKey renamed = ca_of("A000000003-94-1984");
  renamed.index = 0x09;
  CHECK_THAT(keys.why(renamed).value(), Contains("modulus"));
  kpd::CaKey fresh = ca_of("A000000003-09-1984");
  for (const std::uint8_t index : {0xF1, 0xF2, 0xF3}) {
    fresh.index = index;
    CHECK_THAT(keys.why(fresh).value(), Contains("kept for tests"));
  }
  CHECK(keys.why(kpd_test::signer_of("mrautio-ISS")->public_key()).has_value());
}

TEST_CASE("a list of test keys reads as it was written", "[certificates]") {
  const TempFolder folder;
  kpd::CaKey ca = ca_of("A000000003-09-1984");
  const auto file = folder.write("test-keys.yaml", kpd::test_key_list({kpd::test_key_of(ca)}));
  REQUIRE(kpd::read_test_keys(file) == std::vector{kpd::test_key_of(ca)});
  kpd::TestKeys keys;
  keys.add(file);
  CHECK(keys.why(ca).has_value());
  ca.index = 0x55;
  CHECK(keys.why(ca).has_value());
}

TEST_CASE("stored files read as they were written, and are retired once", "[certificates]") {
  const TempFolder folder;
  kpd::CaKey ca = ca_of("A000000003-09-1984");
  ca.last_day = emvcrypto::Date{2031, 12, 31};
  folder.write("ca/nine.yaml", kpd::ca_key_text("Key nine", ca));
  folder.write("ca/test-keys.yaml", kpd::test_key_list({}) + "  []\n");
  auto stored = kpd::stored_ca_keys(folder.path());
  REQUIRE(stored.size() == 1);
  CHECK(stored[0].name == "nine");
  CHECK(stored[0].ca.key == ca.key);
  CHECK(stored[0].ca.last_day == ca.last_day);
  kpd::retire_file(stored[0].file, "2026-11-22");
  CHECK(kpd::stored_ca_keys(folder.path())[0].ca.retired == "2026-11-22");
  CHECK_THROWS_AS(kpd::retire_file(stored[0].file, "2026-11-23"), kpd::Failure);
}
