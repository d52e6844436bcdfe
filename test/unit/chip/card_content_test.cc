// What the issuer security domain does to the card: INSTALL, DELETE, GET STATUS, PUT KEY.
#include <catch2/catch.hpp>

#include "managed_card.h"

using namespace chiptest;
using kpd::chip::Scp03Option;

namespace {

Bytes name(const Bytes& aid) {
  return make_tlv(0x4F, aid);
}

}  // namespace

TEST_CASE("an instance is installed, personalised through the security domain, used and deleted") {
  for (const bool aes : {false, true}) {
    ManagedCard card(aes ? managed_config(Scp03Option::i70) : managed_config(),
                     aes ? aes_host_keys() : host_keys());
    card.opened(aes ? 0x33 : 0x03);
    const Reply installed = card.host.run("80E60C00", install_data(kPaymentModule, kPaymentAid));
    CHECK(installed.status == 0x9000);
    CHECK(to_hex(installed.data) == "00");
    CHECK(card.run("80E62000", personalise_data(kPaymentAid)) == 0x9000);
    REQUIRE(card.host.personalise(payment_dgis()) == 0x9000);
    CHECK(card.chip.is_personalised(kPaymentAid));
    CHECK(card.run("80E62000", personalise_data(kPaymentAid)) == 0x6985);
    CHECK(card.run("80E29000", from_hex("4203476173")) == 0x9000);  // its own again
    CHECK(select(card.chip, kPaymentAid).status == 0x9000);
    CHECK(send(card.chip, apdu("00200080", kPinBlock)).status == 0x9000);

    card.opened(0x01);
    const Reply deleted = card.host.run("80E40080", name(kPaymentAid));
    CHECK(deleted.status == 0x9000);
    CHECK(to_hex(deleted.data) == "00");
    CHECK(select(card.chip, kPaymentAid).status == 0x6A82);
    card.opened(0x01);
    CHECK(card.run("80E60C00", install_data(kPaymentModule, kPaymentAid)) == 0x9000);
    CHECK_FALSE(card.chip.is_personalised(kPaymentAid));
  }
}

TEST_CASE("an installed instance takes personalisation through a channel of its own") {
  ManagedCard card;
  card.opened();
  REQUIRE(card.run("80E60C00", install_data(kPaymentModule, kPaymentAid)) == 0x9000);
  REQUIRE(select(card.chip, kPaymentAid).status == 0x9000);
  REQUIRE(card.host.open(0x03) == 0x9000);
  CHECK(card.host.personalise(payment_dgis()) == 0x9000);
  CHECK(card.chip.is_personalised(kPaymentAid));
}

TEST_CASE("an instance without a name of its own has its module's") {
  ManagedCard card;
  card.opened();
  CHECK(card.run("80E60C00", install_data(kFileModule, {})) == 0x9000);
  CHECK(select(card.chip, kFileModule).status == 0x9000);
}

TEST_CASE("INSTALL refuses what it does not know") {
  ManagedCard card;
  card.opened();
  const auto install = [&](const Bytes& data) { return card.run("80E60C00", data); };
  CHECK(install(install_data(kFileModule, kPaymentAid)) == 0x9000);
  CHECK(install(install_data(kFileModule, kPaymentAid)) == 0x6A80);
  CHECK(install(install_data(kFileModule, kManagerAid)) == 0x6A80);
  CHECK(install(install_data(kFileModule, Bytes(4, 1))) == 0x6A80);
  CHECK(install(install_data(kDirectoryAid, Bytes(5, 1))) == 0x6A88);
  CHECK(install(install_data(kFileModule, Bytes(5, 1), kFileModule)) == 0x6A88);
  const Bytes right = install_data(kFileModule, Bytes(5, 1));
  CHECK(install(Bytes(right.begin(), right.end() - 1)) == 0x6A80);
  CHECK(install(concat({right, from_hex("00")})) == 0x6A80);
  Bytes with_token = right;
  with_token.back() = 1;
  with_token.push_back(0xAA);
  CHECK(install(with_token) == 0x6A80);
  Bytes other_parameters = right;
  other_parameters[right.size() - 3] = 0xC8;
  CHECK(install(other_parameters) == 0x6A80);
  CHECK(card.run("80E60200", right) == 0x6A81);  // there is no code to load
  CHECK(card.run("80E60C01", right) == 0x6A86);
  CHECK(card.run("80E62000", personalise_data(kDirectoryAid)) == 0x6A88);
  CHECK(card.run("80E62000", right) == 0x6A80);
  CHECK(install(right) == 0x9000);
}

TEST_CASE("DELETE refuses what is in ROM, what is not there and what is no name") {
  ManagedCard card;
  card.opened();
  CHECK(card.run("80E40000", name(kManagerAid)) == 0x6985);
  CHECK(card.run("80E40000", name(kLoadFile)) == 0x6985);
  CHECK(card.run("80E40000", name(kPaymentAid)) == 0x6A88);
  CHECK(card.run("80E40000", kPaymentAid) == 0x6A80);
  CHECK(card.run("80E40001", name(kPaymentAid)) == 0x6A86);
  // An instance deleted in the middle of its personalisation takes nothing any more.
  REQUIRE(card.run("80E60C00", install_data(kFileModule, kPaymentAid)) == 0x9000);
  REQUIRE(card.run("80E62000", personalise_data(kPaymentAid)) == 0x9000);
  REQUIRE(card.run("80E40000", name(kPaymentAid)) == 0x9000);
  CHECK(card.run("80E20000", dgi(0x9102, from_hex("A503880101"))) == 0x6A88);
}

TEST_CASE("GET STATUS lists the domain, instances, load files and modules") {
  ManagedCard card;
  card.opened();
  REQUIRE(card.run("80E60C00", install_data(kFileModule, kPaymentAid)) == 0x9000);
  const auto list = [&](const char* header, const char* data) {
    const Reply reply = card.host.run(header, from_hex(data));
    CHECK(reply.status == 0x9000);
    return to_hex(reply.data);
  };
  CHECK(list("80F28002", "4F00") == "E3134F08A0000001510000009F700101C5039E5E00");
  CHECK(list("80F24002", "4F005C044F9F70C5") ==
        "E3214F07F04B50440000019F700107C50100C405F04B504450CC08A000000151000000");
  CHECK(list("80F22002", "4F00") == "E3154F05F04B5044509F700101CC08A000000151000000");
  CHECK(list("80F21002", "4F02F04B") ==
        "E3254F05F04B5044509F7001018406F04B504450018406F04B50445002CC08A000000151000000");
  CHECK(card.run("80F24002", from_hex("4F02F0FF")) == 0x6A88);
  CHECK(card.run("80F24000", from_hex("4F00")) == 0x6A86);
  CHECK(card.run("80F2C002", from_hex("4F00")) == 0x6A86);
  CHECK(card.run("80F24002", from_hex("5C00")) == 0x6A80);
  CHECK(card.run("80F24003", from_hex("4F00")) == 0x6985);  // nothing was left over
}

TEST_CASE("a list that is too long for one answer comes in pieces") {
  ManagedCard card(managed_config(Scp03Option::i60), aes_host_keys());
  card.opened(0x33);
  for (std::uint8_t i = 1; i <= 12; ++i)
    REQUIRE(card.run("80E60C00", install_data(kFileModule, Bytes(16, i))) == 0x9000);
  std::size_t instances = 0;
  const char* header = "80F24002";
  unsigned status = 0x6310;
  int answers = 0;
  for (; status == 0x6310; ++answers, header = "80F24003") {
    const Reply reply = card.host.run(header, from_hex("4F00"));
    status = reply.status;
    instances += emvcrypto::parse_tlv_list(reply.data)->size();
  }
  CHECK(status == 0x9000);
  CHECK(instances == 12);
  CHECK(answers == 3);
}

TEST_CASE("PUT KEY replaces the channel keys of a version") {
  ManagedCard card;
  card.opened();
  const Reply reply = card.host.run("80D80181", des_key_data(card.host, 0x02, other_keys()));
  CHECK(reply.status == 0x9000);
  CHECK(to_hex(reply.data) == "02" + to_hex(kcv(other_keys().enc)) + to_hex(kcv(other_keys().mac)) +
                                  to_hex(kcv(other_keys().dek)));
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x9000);  // the session goes on
  card.chip.power_on();
  CHECK(card.host.open(0x01) == 0x6300);
  ChannelHost renewed(card.chip, other_keys());
  const Reply update = renewed.initialize();
  CHECK(to_hex(ByteView(update.data).subspan(10, 4)) == "02020000");  // its counter begins anew
  CHECK(renewed.authenticate(0x03) == 0x9000);
  CHECK(renewed.initialize("80500100").status == 0x6A88);
  CHECK(to_hex(send(card.chip, from_hex("80CA00E000")).data) ==
        "E012C00401028010C00402028010C00403028010");
}

TEST_CASE("PUT KEY adds a set of AES keys of any length beside the first") {
  for (const std::size_t size : {16U, 24U, 32U}) {
    ManagedCard card(managed_config(Scp03Option::i10), aes_host_keys());
    card.opened(0x03);
    CHECK(card.run("80D80081", aes_key_data(card.host, 0x30, other_keys(size))) == 0x9000);
    CHECK(card.run("80D80081", aes_key_data(card.host, 0x30, other_keys(size))) == 0x6A80);
    ChannelHost second(card.chip, other_keys(size));
    CHECK(second.open(0x03, "80503000") == 0x9000);
    CHECK(card.host.open(0x03, "80500100") == 0x9000);
    CHECK(card.host.open(0x03) == 0x9000);
  }
}

TEST_CASE("PUT KEY changes nothing when a check value or anything else is wrong") {
  ManagedCard card;
  card.opened();
  const auto put = [&](const char* header, std::size_t at, std::uint8_t change) {
    Bytes data = des_key_data(card.host, 0x02, other_keys());
    data[at] ^= change;
    return card.run(header, data);
  };
  const std::size_t size = 1 + 3 * 22;
  CHECK(put("80D80181", size - 1, 0x01) == 0x6A80);  // the last check value
  CHECK(put("80D80181", 3, 0x10) == 0x6A80);         // the first key
  CHECK(put("80D80181", 1, 0x08) == 0x6A80);         // its type
  CHECK(put("80D80181", 0, 0x02) == 0x6A80);         // version 00
  CHECK(put("80D80181", 0, 0x82) == 0x6A80);         // version 80
  CHECK(put("80D80181", 2, 0x01) == 0x6A80);         // a length
  CHECK(put("80D80101", 0, 0x00) == 0x6A86);         // a single key
  CHECK(put("80D80581", 0, 0x00) == 0x6A88);         // there is no version 05
  CHECK(put("80D80081", 0, 0x03) == 0x6A80);         // version 01 is there
  CHECK(card.run("80D80181") == 0x6A80);
  card.opened();  // with the keys that it had
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x9000);
}
