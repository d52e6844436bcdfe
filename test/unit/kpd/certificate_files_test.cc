// Files that schemes and issuers exchange: real ones and computed ones, byte by byte.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/ca_key_file.h"
#include "kpd/certificates/response_file.h"
#include "test/unit/kpd/certificate_sample.h"

using emvcrypto::Bytes;
using emvcrypto::from_hex;
using emvcrypto::to_hex;
using kpd::FileFamily;
using kpd_test::signer_of;
using kpd_test::vector_of;

namespace {

kpd::CaKey ca_of(const nlohmann::json& inputs, std::uint8_t index) {
  kpd::CaKey ca;
  ca.index = index;
  ca.key = {from_hex(inputs.at("ca_modulus").get<std::string>()),
            from_hex(inputs.at("ca_exponent").get<std::string>())};
  return ca;
}

std::string hex(const nlohmann::json& map, const char* name) {
  return map.at(name).get<std::string>();
}

}  // namespace

TEST_CASE("a request with its hash file is what the computed samples say", "[certificates]") {
  const auto sample = vector_of("issuer_certificate_request_files", "calc-mc-sip-hip");
  auto signer = signer_of("mrautio-ISS");
  const auto made = kpd::make_request({&kpd::find_format("mastercard"),
                                       from_hex("541333FF"),
                                       from_hex("1230"),
                                       from_hex("000042"),
                                       from_hex("000001"),
                                       {},
                                       {2026, 11, 22}},
                                      *signer);
  const auto& expected = sample.at("expected");
  REQUIRE(made.files.size() == 2);
  CHECK(made.files[0].name == expected.at("file_names")[0].get<std::string>());
  CHECK(to_hex(made.files[0].content) == hex(expected, "sip_file"));
  CHECK(made.files[1].name == expected.at("file_names")[1].get<std::string>());
  CHECK(to_hex(made.files[1].content) == hex(expected, "hip_file"));
  CHECK(to_hex(made.hash) == hex(expected, "hash"));
}

TEST_CASE("a request with a tracking number is what the computed sample says", "[certificates]") {
  const auto expected =
      vector_of("issuer_certificate_request_files", "calc-visa-inp").at("expected");
  auto signer = signer_of("mrautio-ISS");
  const auto made = kpd::make_request({&kpd::find_format("visa"),
                                       from_hex("476173FF"),
                                       from_hex("1230"),
                                       from_hex("000042"),
                                       {},
                                       from_hex("10100000"),
                                       {2026, 11, 22}},
                                      *signer);
  REQUIRE(made.files.size() == 1);
  CHECK(made.files[0].name == "000042.inp");
  CHECK(to_hex(made.files[0].content) == hex(expected, "inp_file"));
  CHECK(to_hex(made.hash) == hex(expected, "hash"));
}

TEST_CASE("a CA publishes the files that the computed samples say", "[certificates]") {
  const auto expected =
      vector_of("issuer_certificate_request_files", "calc-mc-sep-hep").at("expected");
  auto signer = signer_of("mrautio-CA");
  const auto files = kpd::make_ca_files({&kpd::find_format("mastercard"),
                                         from_hex("AFFFFFFFFF"),
                                         0x92,
                                         from_hex("1230"),
                                         from_hex("000001"),
                                         {}},
                                        *signer);
  REQUIRE(files.size() == 2);
  CHECK(to_hex(files[0].content) == hex(expected, "sep_file"));
  CHECK(to_hex(files[1].content) == hex(expected, "hep_file"));
  const auto read = kpd::read_ca_file(files[0].content);
  REQUIRE(read);
  CHECK(kpd::read_ca_hash(read->ca, files[1].content).value() ==
        emvcrypto::ca_key_hash(read->ca.rid, read->ca.index, read->ca.key));
  REQUIRE(read->ca.last_day);
  CHECK(read->ca.last_day->iso() == "2030-12-31");

  const auto other = vector_of("issuer_certificate_request_files", "layout-visa-ca-file");
  const auto tracked = kpd::make_ca_files(
      {&kpd::find_format("visa"), from_hex("AFFFFFFFFF"), 0x92, {}, {}, from_hex("10100000")},
      *signer);
  CHECK(to_hex(tracked.front().content).starts_with(hex(other.at("expected"), "first_bytes")));
  CHECK(kpd::read_ca_file(tracked.front().content).has_value());
}

TEST_CASE("real responses of two schemes hold in every part", "[certificates]") {
  for (const auto& vector : kpd_test::vectors_of("issuer_certificate_files")) {
    CAPTURE(vector.at("id").get<std::string>());
    const auto& inputs = vector.at("inputs");
    const auto& expected = vector.at("expected");
    const Bytes file = from_hex(hex(inputs, "file"));
    const auto heads = kpd::response_heads(file);
    REQUIRE(heads);
    const kpd::ResponseHead& head = heads->front();
    const bool tracked = expected.contains("unsigned_data");
    CHECK((head.family == FileFamily::tracked) == tracked);
    const auto response = kpd::read_response(head.family, file, ca_of(inputs, head.ca_index));
    REQUIRE(response);
    CHECK(to_hex(response->content.key.modulus) == hex(expected, "issuer_modulus"));
    CHECK(to_hex(response->opened) == hex(expected.at("certificate"), "recovered"));
    CHECK(to_hex(response->content.serial) == hex(expected.at("certificate"), "serial"));
    CHECK(response->last_day.iso() == "2032-12-31");
    const auto& clear = expected.at(tracked ? "unsigned_data" : "clear_data");
    CHECK(to_hex(response->file.at("issuer_id")) == hex(clear, "issuer_id"));
    CHECK(to_hex(response->file.at("ca_index")) == hex(clear, "ca_index"));
    CHECK(kpd::layouts_of(head.family).response.build(response->file) == file);
  }
}

TEST_CASE("no changed byte of a real response goes unseen", "[certificates]") {
  for (const auto& vector : kpd_test::vectors_of("issuer_certificate_files")) {
    const auto& inputs = vector.at("inputs");
    const Bytes file = from_hex(hex(inputs, "file"));
    const kpd::ResponseHead head = kpd::response_heads(file)->front();
    const kpd::CaKey ca = ca_of(inputs, head.ca_index);
    for (std::size_t at = 0; at < file.size(); ++at) {
      // The index of the issuer's key stands nowhere else in the file: the request has it.
      if (head.family == FileFamily::indexed && at >= 4 && at < 7) continue;
      Bytes changed = file;
      changed[at] ^= 0x10;
      CAPTURE(vector.at("id").get<std::string>(), at);
      CHECK_FALSE(kpd::read_response(head.family, changed, ca).has_value());
    }
  }
}

TEST_CASE("no changed byte of a request goes unseen", "[certificates]") {
  for (const char* id : {"calc-mc-sip-hip", "calc-visa-inp"}) {
    const auto expected = vector_of("issuer_certificate_request_files", id).at("expected");
    const bool indexed = expected.contains("sip_file");
    const Bytes file = from_hex(hex(expected, indexed ? "sip_file" : "inp_file"));
    REQUIRE(kpd::read_request(file).has_value());
    for (std::size_t at = 0; at < file.size(); ++at) {
      if (indexed && at >= 4 && at < 7) continue;  // the key's index: only the hash file repeats it
      Bytes changed = file;
      changed[at] ^= 0x10;
      CAPTURE(id, at);
      CHECK_FALSE(kpd::read_request(changed).has_value());
    }
  }
}

TEST_CASE("a file that is cut or too long is refused with the place", "[certificates]") {
  const auto expected =
      vector_of("issuer_certificate_request_files", "calc-visa-inp").at("expected");
  const Bytes file = from_hex(hex(expected, "inp_file"));
  for (std::size_t size = 0; size < file.size(); ++size)
    CHECK_FALSE(kpd::read_request(emvcrypto::ByteView(file).first(size)).has_value());
  const kpd::FileLayout& layout = kpd::layouts_of(FileFamily::tracked).request;
  CHECK(layout.parse(emvcrypto::ByteView(file).first(100)).error().reason ==
        "byte 2 (modulus): expected 176 bytes, 98 are left in the file");
  Bytes other = file;
  other[0] = 0x25;
  CHECK(layout.parse(other).error().reason == "byte 0 (header): expected 22, found 25");
  other = file;
  other.push_back(0);
  CHECK(layout.parse(other).error().reason ==
        "byte 359 (end): expected the end of the file, 1 bytes follow");
}

TEST_CASE("every format's request is answered so that the answer holds", "[certificates]") {
  auto issuer = signer_of("mrautio-ISS");
  auto ca = signer_of("mrautio-CA");
  for (const kpd::SchemeFormat& format : kpd::scheme_formats()) {
    CAPTURE(std::string(format.name));
    const bool tracked = format.family == FileFamily::tracked;
    const auto made = kpd::make_request({&format,
                                         from_hex("476173FF"),
                                         from_hex("1230"),
                                         from_hex("012345"),
                                         tracked ? Bytes() : from_hex("000007"),
                                         from_hex(format.service_id),
                                         {2026, 11, 22}},
                                        *issuer);
    const auto request = kpd::read_request(made.files.front().content);
    REQUIRE(request);
    CHECK(request->family == format.family);
    CHECK(to_hex(request->issuer_id) == "476173FF");
    CHECK(to_hex(request->tracking) == "012345");
    if (made.files.size() > 1)
      CHECK(kpd::read_request_hash(*request, made.files[1].content).value() == made.hash);
    const kpd::NamedFile file = kpd::make_response({&format,
                                                    &*request,
                                                    from_hex("1230"),
                                                    from_hex("000009"),
                                                    from_hex(format.rid),
                                                    0xF1,
                                                    {2026, 11, 22}},
                                                   *ca);
    kpd::CaKey key;
    key.index = 0xF1;
    key.key = ca->public_key();
    const auto read = kpd::read_response(format.family, file.content, key);
    REQUIRE(read);
    CHECK(read->content.key == issuer->public_key());
    CHECK_FALSE(file.name.empty());
  }
}
