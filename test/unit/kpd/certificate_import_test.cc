// Whether a scheme's answer may become an issuer's certificate: the real ones, and what is wrong.
#include <catch2/catch.hpp>

#include "kpd/certificates/check_response.h"
#include "test/unit/kpd/certificate_sample.h"

using Catch::Matchers::Contains;
using emvcrypto::Bytes;
using emvcrypto::from_hex;

namespace {

/// A real answer, and the world of the issuer that asked for it.
struct Real {
  Bytes file;
  kpd::ImportWorld world;
};

Real real(const std::string& id, const std::string& ca_id) {
  const auto vector = kpd_test::vector_of("issuer_certificate_files", id);
  const auto ca = kpd_test::vector_of("ca_public_keys", ca_id).at("inputs");
  const auto bytes = [](const nlohmann::json& map, const char* name) {
    return from_hex(map.at(name).get<std::string>());
  };
  Real made{bytes(vector.at("inputs"), "file"), {}};
  kpd::CaKey key;
  key.rid = bytes(ca, "RID");
  key.index = bytes(ca, "index")[0];
  key.key = {bytes(ca, "modulus"), bytes(ca, "exponent")};
  made.world.authorities = {key};
  made.world.own = {{"other", kpd_test::signer_of("mrautio-ISS")->public_key()},
                    {"ours", {bytes(vector.at("expected"), "issuer_modulus"), {3}}}};
  made.world.today = {2026, 11, 22};
  made.world.test = true;
  return made;
}

const std::vector<std::pair<std::string, std::string>> kReal{
    {"VISA/960097.I94", "A000000003-94-1984"}, {"MC/522230-000001.cEF", "A000000004-EF-1984"}};

std::string refusal(const Real& answer) {
  const auto good = kpd::check_response(answer.file, answer.world);
  return good ? "taken" : good.error().code + ": " + good.error().reason;
}

}  // namespace

TEST_CASE("real answers are imported by the issuer whose key they are for", "[certificates]") {
  for (const auto& [id, ca] : kReal) {
    CAPTURE(id);
    Real answer = real(id, ca);
    const auto good = kpd::check_response(answer.file, answer.world);
    REQUIRE(good);
    CHECK(good->own.uri == "ours");
    CHECK(good->response.last_day.iso() == "2032-12-31");
    CHECK_FALSE(good->request.has_value());
    CHECK(good->remarks.size() == 1);

    kpd::CertificateRequest request{"gold",
                                    "ours",
                                    kpd::key_fingerprint(good->own.key),
                                    "",
                                    emvcrypto::to_hex(good->ca.rid),
                                    emvcrypto::to_hex(good->response.content.issuer_id),
                                    "000001",
                                    "000001",
                                    "1232",
                                    "2026-11-22"};
    answer.world.requests = {request};
    CHECK(kpd::check_response(answer.file, answer.world)->request->issuer == "gold");
    answer.world.requests[0].issuer_id = "999999FF";
    CHECK_THAT(refusal(answer), Contains("the request asked for issuer identifier 999999FF"));
  }
}

TEST_CASE("what a real answer must not be held against refuses it", "[certificates]") {
  for (const auto& [id, ca] : kReal) {
    CAPTURE(id);
    const Real good = real(id, ca);
    Real answer = good;
    answer.world.own.pop_back();
    CHECK_THAT(refusal(answer), Contains("cert-other-key"));
    answer = good;
    answer.world.own[1].key.exponent = {1, 0, 1};
    CHECK_THAT(refusal(answer), Contains("the certificate's exponent is 03"));
    answer = good;
    answer.world.today = {2033, 1, 1};
    CHECK_THAT(refusal(answer), Contains("cert-expired: the certificate ended on 2032-12-31"));
    answer = good;
    answer.world.authorities[0].last_day = emvcrypto::Date{2031, 12, 31};
    CHECK_THAT(refusal(answer), Contains("outlives its CA key"));
    answer = good;
    answer.world.authorities[0].retired = "2026-01-01";
    CHECK_THAT(refusal(answer), Contains("its CA key was retired"));
    answer = good;
    answer.world.authorities[0].index = 0x11;
    CHECK_THAT(refusal(answer), Contains("no CA key of index"));
    answer = good;
    answer.world.authorities[0].key.modulus[100] ^= 1;
    CHECK_THAT(refusal(answer), Contains("another key signed it"));
    answer = good;
    answer.world.test = false;
    CHECK_THAT(refusal(answer), Contains("cert-test-key"));
  }
}
