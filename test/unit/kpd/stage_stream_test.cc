#include "kpd/stream/stage_stream.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/exit_code.h"
#include "test/unit/support/test_device.h"

using Catch::Contains;
using kpd::StageReader;
using kpd::StageWriter;

namespace {

/// A device with a storage key.
struct Device {
  hsm_test::TestDevice device;
  hsm::Token& token = *device.token;
  hsm::Key storage =
      token.generate_secret(hsm::KeyType::aes, 32, {.encrypt = true, .decrypt = true}, "STORAGE");
};

kpd::Plan plan_of(const std::string& digest) {
  kpd::Plan plan;
  plan.digest = digest;
  return plan;
}

const std::string kDigest(64, 'A');

kpd::pb::StreamHeader header() {
  kpd::pb::StreamHeader header;
  header.set_stage("prepare");
  header.set_run(std::string(16, '\x11'));
  header.set_plan_digest(kDigest);
  kpd::pb::TransportKey* key = header.add_transport_keys();
  key->set_id("TKP1");
  key->set_use("pin");
  key->set_algorithm("3DES");
  key->set_kcv("\x01\x02\x03");
  key->set_method("aes-kw");
  key->set_kek("KEK2-PIN");
  key->set_kek_kcv("\x04\x05\x06");
  key->set_wrapped(std::string(24, '\x5A'));
  return header;
}

kpd::pb::Card card(std::uint64_t ordinal) {
  kpd::pb::Card card;
  card.set_ordinal(ordinal);
  card.set_line(ordinal + 2);
  card.add_fields("field " + std::to_string(ordinal));
  return card;
}

kpd::pb::Reject reject(std::uint64_t ordinal) {
  kpd::pb::Reject reject;
  reject.set_ordinal(ordinal);
  reject.set_fault("luhn");
  return reject;
}

kpd::pb::End end_of(std::uint64_t read, std::uint64_t cards, std::uint64_t rejects) {
  kpd::pb::End end;
  end.set_read(read);
  end.set_cards(cards);
  end.set_rejects(rejects);
  return end;
}

/// Cards 0 and 1, reject 2.
std::string short_stream(Device& device) {
  std::ostringstream out;
  StageWriter writer(out, header(), device.token, device.storage);
  writer.write(card(0));
  writer.write(card(1));
  writer.write(reject(2));
  writer.finish(end_of(3, 2, 1));
  return out.str();
}

/// Where a stream's head and frames begin, and its end.
std::vector<std::size_t> parts_of(const std::string& stream) {
  const auto length = [&](std::size_t at) {
    return emvcrypto::to_number(emvcrypto::as_bytes(stream).subspan(at, 4));
  };
  std::vector<std::size_t> starts{9 + length(5)};
  while (starts.back() < stream.size())
    starts.push_back(starts.back() + 12 + length(starts.back()));
  return starts;
}

/// What a reader makes of a stream: "0 1 2!" for cards and rejects. Throws what the reader throws.
std::string read_all(Device& device, const std::string& stream,
                     const std::string& stage = "prepare", const std::string& digest = kDigest) {
  std::istringstream in(stream);
  const kpd::Plan plan = plan_of(digest);
  StageReader reader(in, stage, plan, device.token, device.storage);
  std::string read;
  while (const auto frame = reader.next())
    read += frame->has_card() ? std::to_string(frame->card().ordinal()) + " "
                              : std::to_string(frame->reject().ordinal()) + "! ";
  CHECK_FALSE(reader.next().has_value());
  return read;
}

/// Whether a stream is refused: by a Failure, or by the device that does not open its data key.
bool refused(Device& device, const std::string& stream) {
  try {
    read_all(device, stream);
  } catch (const kpd::Failure& failure) {
    return failure.code() == kpd::ExitCode::hold || failure.code() == kpd::ExitCode::usage;
  } catch (const hsm::SetupError&) {
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what one stage writes the next one reads") {
  Device device;
  const std::string stream = short_stream(device);
  CHECK(read_all(device, stream) == "0 1 2! ");

  std::istringstream in(stream);
  const kpd::Plan plan = plan_of(kDigest);
  StageReader reader(in, "prepare", plan, device.token, device.storage);
  CHECK(reader.header().run() == std::string(16, '\x11'));
  CHECK(reader.header().transport_keys(0).wrapped() == std::string(24, '\x5A'));
  const auto frame = reader.next();
  REQUIRE(frame.has_value());
  CHECK(frame->card().SerializeAsString() == card(0).SerializeAsString());
  while (reader.next()) continue;
  CHECK(reader.end().read() == 3);
  CHECK(reader.end().rejects() == 1);
}

TEST_CASE("a stream without records is one too") {
  Device device;
  std::ostringstream out;
  StageWriter writer(out, header(), device.token, device.storage);
  writer.finish(end_of(0, 0, 0));
  CHECK(read_all(device, out.str()).empty());
}

TEST_CASE("fields of cards stand nowhere in clear, and no two streams look alike") {
  Device device;
  const std::string one = short_stream(device), two = short_stream(device);
  CHECK_THAT(one, !Contains("field"));
  CHECK_THAT(one, !Contains("luhn"));
  CHECK(one.substr(parts_of(one)[0]) != two.substr(parts_of(two)[0]));
}

TEST_CASE("an altered byte anywhere in a stream is found") {
  Device device;
  const std::string stream = short_stream(device);
  for (std::size_t i = 0; i < stream.size(); ++i)
    for (const char flip : {'\x01', '\x80'}) {
      std::string altered = stream;
      altered[i] = static_cast<char>(altered[i] ^ flip);
      CAPTURE(i, flip);
      CHECK(refused(device, altered));
    }
}

TEST_CASE("a stream cut anywhere is found, and one that goes on") {
  Device device;
  const std::string stream = short_stream(device);
  for (std::size_t size = 0; size < stream.size(); ++size) {
    CAPTURE(size);
    CHECK(refused(device, stream.substr(0, size)));
  }
  CHECK(refused(device, stream + '\0'));
  CHECK(refused(device, stream + stream));
  CHECK_THROWS_WITH(read_all(device, ""), Contains("nothing came in"));
  CHECK_THROWS_WITH(read_all(device, "record_id;product;pan\n"), Contains("not a stage file"));
}

TEST_CASE("frames that are exchanged, repeated or missing are found") {
  Device device;
  const std::string stream = short_stream(device);
  const auto starts = parts_of(stream);
  REQUIRE(starts.size() == 5);  // three frames, the end, and where that ends
  const auto built = [&](std::initializer_list<std::size_t> frames) {
    std::string text = stream.substr(0, starts[0]);
    for (std::size_t f : frames) text += stream.substr(starts[f], starts[f + 1] - starts[f]);
    return text;
  };
  CHECK_FALSE(refused(device, built({0, 1, 2, 3})));
  CHECK(refused(device, built({1, 0, 2, 3})));
  CHECK(refused(device, built({0, 0, 1, 2, 3})));
  CHECK(refused(device, built({1, 2, 3})));
  CHECK(refused(device, built({0, 1, 3})));
  CHECK(refused(device, built({3})));
}

TEST_CASE("frames of another stream do not fit, even of the same run and plan") {
  Device device;
  const std::string one = short_stream(device), two = short_stream(device);
  CHECK(refused(device, one.substr(0, parts_of(one)[0]) + two.substr(parts_of(two)[0])));
}

TEST_CASE("a stream of another stage, plan or storage key is refused with what to do") {
  Device device;
  const std::string stream = short_stream(device);
  CHECK_THROWS_WITH(read_all(device, stream, "sign"),
                    Contains("from the stage 'prepare', but 'sign' is needed"));
  CHECK_THROWS_WITH(read_all(device, stream, "prepare", std::string(64, 'B')),
                    Contains("another plan") && Contains("kpd ingest"));
  const hsm::Key other =
      device.token.generate_secret(hsm::KeyType::aes, 32, {.encrypt = true, .decrypt = true});
  std::istringstream in(stream);
  const kpd::Plan plan = plan_of(kDigest);
  CHECK_THROWS_AS(StageReader(in, "prepare", plan, device.token, other), hsm::SetupError);
}

TEST_CASE("a stream whose counts do not balance is refused") {
  Device device;
  for (const auto& end : {end_of(2, 1, 0), end_of(1, 0, 1), end_of(2, 2, 0), end_of(0, 0, 0)}) {
    std::ostringstream out;
    StageWriter writer(out, header(), device.token, device.storage);
    writer.write(card(0));
    writer.finish(end);
    CHECK_THROWS_WITH(read_all(device, out.str()), Contains("counts"));
  }
}

TEST_CASE("a stream that cannot be written ends in a failure") {
  Device device;
  std::ostringstream out;
  StageWriter writer(out, header(), device.token, device.storage);
  out.setstate(std::ios::badbit);
  try {
    writer.write(card(0));
    FAIL("nothing was thrown");
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::io);
  }
}
