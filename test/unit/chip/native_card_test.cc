// Native cards: files made by commands of their own, then an EMV card.
#include <catch2/catch.hpp>

#include "native_maker.h"
#include "terminal.h"

using namespace chiptest;
using kpd::chip::Scp;
using kpd::chip::Scp03Option;

namespace {

constexpr const char* kTransparent = "01";

/// An open channel with the payment DF made and nothing in it.
struct Making : NativeHost {
  explicit Making(std::uint8_t level = 0x01) {
    REQUIRE(host.open(level) == 0x9000);
    REQUIRE(create(folder_control(0xDF01, kPaymentAid)) == 0x9000);
  }
};

/// The same for a DF that no program is for.
struct MakingFiles : NativeHost {
  MakingFiles() {
    REQUIRE(host.open(0x01) == 0x9000);
    REQUIRE(create(folder_control(0xDF01, from_hex("F04B5044000099"))) == 0x9000);
  }
};

}  // namespace

TEST_CASE("a native card made of files is the EMV card that data groupings would have made") {
  const auto [scp, keys, level] =
      GENERATE(table<Scp, HostKeys, unsigned>({{kpd::chip::Scp02Option::i15, host_keys(), 0x00},
                                               {kpd::chip::Scp02Option::i55, host_keys(), 0x03},
                                               {Scp03Option::i00, aes_host_keys(), 0x01},
                                               {Scp03Option::i70, aes_host_keys(), 0x33}}));
  NativeHost card(native_config(scp), keys);
  REQUIRE(card.host.open(static_cast<std::uint8_t>(level)) == 0x9000);
  REQUIRE(card.fill_card() == 0x9000);
  CHECK_FALSE(card.chip.is_personalised(kPaymentAid));
  REQUIRE(card.activate() == 0x9000);
  CHECK(card.chip.is_personalised(kPaymentAid));

  const auto other = personalised_chip();
  card.chip.power_on();
  for (const char* command :
       {"00A4040007F04B504400000100", "80A8000002830000", "00B2010C00", "00B2011400", "00B2011C00",
        "00B2015C00", "80CA9F1700", "80CA9F4F00", "00200080082412340FFFFFFFFF", "80CA9F1700",
        "00200080082412340FFFFFFFFF"}) {
    CAPTURE(command);
    CHECK(to_hex(card.chip.transmit(from_hex(command))) ==
          to_hex(other->transmit(from_hex(command))));
  }
  CHECK(select(card.chip, kDirectoryAid).status == 0x9000);
  CHECK(send(card.chip, from_hex("00B2010C00")).data == directory_dgis()[0x0101]);
}

TEST_CASE("outside a channel a native card shows its files and takes nothing") {
  NativeHost card;
  CHECK(to_hex(send(card.chip, from_hex("00A40000023F00")).data) == "620A82013883023F008A0101");
  CHECK(send(card.chip, from_hex("00CA00CF00")).status == 0x9000);
  for (const char* command :
       {"00E0000002620000", "00D6000001AA", "00DC010C01AA", "00E2000801AA", "80D4800001AA",
        "00440000", "00FE0000", "00E40000", "00B0000000", "00B2010C00", "8482010002AAAA"})
    CHECK(send(card.chip, from_hex(command)).status == 0x6982);
  CHECK(send(card.chip, from_hex("80A80000028300")).status == 0x6D00);

  REQUIRE(card.host.open(0x01) == 0x9000);
  REQUIRE(card.create(folder_control(0xDF01, kPaymentAid)) == 0x9000);
  CHECK(send(card.chip, from_hex("00E0000002620000")).status == 0x6982);  // without its MAC
  CHECK(card.run("00440000") == 0x6982);                                  // the channel is over
  CHECK(select(card.chip, kPaymentAid).data ==
        concat({from_hex("6213820138"), from_hex("8302DF01"), make_tlv(0x84, kPaymentAid),
                from_hex("8A0101")}));
}

TEST_CASE("SELECT by name in clear ends the channel of a native card") {
  NativeHost card;
  REQUIRE(card.host.open(0x00) == 0x9000);
  CHECK(select(card.chip, kPaymentAid).status == 0x6A82);
  CHECK(card.run("00E00000", folder_control(0xDF01, kPaymentAid)) == 0x6982);
}

TEST_CASE("a finished native card can be read and used, not written") {
  NativeHost card;
  REQUIRE(card.host.open(0x01) == 0x9000);
  REQUIRE(card.fill_card() == 0x9000);
  REQUIRE(card.activate() == 0x9000);
  for (const char* command :
       {"8050000008001122334455667700", "00E0000002620000", "00D6000001AA", "00DC010C01AA",
        "00E2000801AA", "80D4800001AA", "00440000", "00FE0000", "00E40000", "04E0000001AA"}) {
    CAPTURE(command);
    CHECK(send(card.chip, from_hex(command)).status == 0x6985);
    REQUIRE(select(card.chip, kPaymentAid).status == 0x9000);
  }
  CHECK(to_hex(send(card.chip, from_hex("00A40000023F00")).data) == "620A82013883023F008A0105");
  CHECK(send(card.chip, from_hex("00B2010C00")).status == 0x6985);  // no application is selected
  CHECK(select(card.chip, from_hex("315041592E")).status == 0x9000);
}

TEST_CASE("CREATE FILE refuses what is there already or cannot be") {
  Making card;
  CHECK(card.create(file_control(0x0001, "042100FE", 100, 1)) == 0x9000);
  CHECK(card.create(file_control(0x0001, "042100FE", 100, 2)) == 0x6A89);
  CHECK(card.create(file_control(0xDF01, "042100FE", 100, 2)) == 0x6A89);
  CHECK(card.create(file_control(0x0002, "042100FE", 100, 1)) == 0x6A80);    // the SFI is taken
  CHECK(card.create(file_control(0x0002, "042100FE", 100)) == 0x6A80);       // records without SFI
  CHECK(card.create(file_control(0x0002, kTransparent, 100, 2)) == 0x6A80);  // of no use here
  CHECK(card.create(file_control(0x4444, "09", 100)) == 0x6A80);             // no such grouping
  CHECK(card.create(file_control(0x8000, "09", 48)) == 0x6A80);              // a key in a file
  CHECK(card.create(file_control(0x9102, "09", 48, 5)) == 0x6A80);
  CHECK(card.create(file_control(0x9102, "09", 0x8000)) == 0x6A80);
  CHECK(card.create(file_control(0x3F00, "09", 8)) == 0x6A80);
  CHECK(card.create(file_control(0x0003, "02210005", 9, 3)) == 0x6A80);  // half a record
  CHECK(card.create(file_control(0x0003, "022100FF", 0, 3)) == 0x6A80);
  CHECK(card.create(file_control(0x0003, "06210005", 0, 3)) == 0x6A80);  // cyclic
  CHECK(card.create(file_control(0xEFFF, "0C2100FE")) == 0x9000);
  CHECK(card.create(file_control(0xEFFE, "0C2100FE")) == 0x6A80);  // a second key file
  CHECK(card.create(from_hex("6205820109830291")) == 0x6A80);
  CHECK(card.create(from_hex("620482010983")) == 0x6A80);
  CHECK(card.create(from_hex("620A820109830291028C0101")) == 0x6A80);  // access is not simulated
  CHECK(card.create(from_hex("620A820109830291028A0105")) == 0x6A80);  // comes activated
  CHECK(card.create(from_hex("620A820109830291028A0103")) == 0x9000);
  CHECK(card.run("00E00001", file_control(0x9104, "09", 8)) == 0x6A86);
  CHECK(card.create({}) == 0x6A80);

  CHECK(card.create(folder_control(0xDF01, kDirectoryAid)) == 0x6A89);
  CHECK(card.create(folder_control(0xDF02, kPaymentAid)) == 0x6A8A);
  CHECK(card.create(folder_control(0xDF02, from_hex("F04B50"))) == 0x6A80);
  CHECK(card.select_id(0x3F00) == 0x9000);
  CHECK(card.create(file_control(0x9104, "09", 8)) == 0x6986);  // EFs are in DFs
}

TEST_CASE("files take what they have room for") {
  MakingFiles card;
  REQUIRE(card.create(file_control(0x0104, kTransparent, 10)) == 0x9000);
  CHECK(card.run("00D60000", from_hex("010203")) == 0x9000);
  CHECK(card.run("00D60005", from_hex("0506070809")) == 0x9000);
  CHECK(card.run("00D60005", from_hex("050607080900")) == 0x6A84);
  CHECK(card.run("00D6000A", from_hex("00")) == 0x6B00);
  CHECK(card.run("00D60000") == 0x6700);
  CHECK(card.run("00E20000", from_hex("00")) == 0x6981);
  CHECK(to_hex(card.host.run("00B00000").data) == "010203FFFF0506070809");
  CHECK(to_hex(card.host.run("00B00008").data) == "0809");
  CHECK(card.run("00B0000A") == 0x6B00);
  CHECK(card.run("00B20104") == 0x6981);
  CHECK(card.run("00D68500", from_hex("00")) == 0x6A82);

  REQUIRE(card.create(file_control(0x6F3A, "02210003", 6, 5)) == 0x9000);
  CHECK(card.run("00E20000", from_hex("010203")) == 0x9000);
  CHECK(card.run("00E20028", from_hex("0102")) == 0x6700);
  CHECK(card.run("00E20028", from_hex("040506")) == 0x9000);
  CHECK(card.run("00E20028", from_hex("070809")) == 0x6A84);
  CHECK(card.run("00DC022C", from_hex("0A0B0C")) == 0x9000);
  CHECK(card.run("00DC032C", from_hex("0A0B0C")) == 0x6A83);
  CHECK(card.run("00DC002C", from_hex("0A0B0C")) == 0x6A83);
  CHECK(card.run("00DC0229", from_hex("0A0B0C")) == 0x6A86);
  CHECK(card.run("00E20129", from_hex("0A0B0C")) == 0x6A86);
  CHECK(to_hex(card.host.run("00B2022C").data) == "0A0B0C");
  CHECK(card.run("00B2032C") == 0x6A83);
  CHECK(card.run("00B20234") == 0x6A82);
  CHECK(card.run("00B00000") == 0x6981);
  CHECK(card.run("00D60000", from_hex("00")) == 0x6981);

  REQUIRE(card.create(file_control(0x0007, "04210008", 0, 7)) == 0x9000);
  CHECK(card.run("00DC013C", from_hex("00")) == 0x6A83);
  CHECK(card.run("00E20038", Bytes(9)) == 0x6700);
  CHECK(card.run("00E20038", Bytes(8)) == 0x9000);
  CHECK(card.run("00DC013C", Bytes(2)) == 0x9000);
  CHECK(card.host.run("00B2013C").data == Bytes(2));

  CHECK(card.select_id(0x0104) == 0x9000);
  CHECK(card.activate() == 0x9000);
  CHECK(card.activate() == 0x6985);
  CHECK(card.run("00D60000", from_hex("00")) == 0x6985);
}

TEST_CASE("a card has no more memory than it has") {
  MakingFiles card;
  for (unsigned id : {1U, 2U}) {
    CHECK(card.create(file_control(id, kTransparent, 0x7E00)) == 0x9000);
  }
  CHECK(card.create(file_control(3, kTransparent, 0x0400)) == 0x6A84);
  CHECK(card.create(file_control(4, kTransparent)) == 0x9000);
  unsigned status = 0x9000;
  for (std::size_t at = 0; status == 0x9000 && at < 0x1000; at += 200)
    status = card.run("00D6" + to_hex(number(at, 2)), Bytes(200));
  CHECK(status == 0x6A84);
  CHECK(card.run("00E40000", number(2, 2)) == 0x9000);
  CHECK(card.create(file_control(3, kTransparent, 0x0400)) == 0x9000);
}

TEST_CASE("a long command comes in a chain") {
  MakingFiles card;
  REQUIRE(card.create(file_control(1, "042100FE", 0, 1)) == 0x9000);
  Bytes record = make_tlv(0x70, Bytes(250, 0x01));
  CHECK(card.chained("00E20008", record) == 0x9000);
  const auto chain = [&](const char* first, const char* then) {
    CHECK(card.run(first, Bytes(4)) == 0x9000);
    return card.run(then, Bytes(4));
  };
  CHECK(chain("10E20008", "10E20010") == 0x6883);
  CHECK(chain("10E20008", "00DC010C") == 0x6883);
  CHECK(chain("10E20008", "00B20104") == 0x6884);
  CHECK(card.run("10E00000", Bytes(4)) == 0x6884);
  unsigned status = 0x9000;
  unsigned parts = 0;
  while (status == 0x9000 && parts < 9) {
    status = card.run("10E20008", Bytes(200));
    ++parts;
  }
  CHECK(status == 0x6700);
  CHECK(card.host.run("00B2010C").data == record);
  CHECK(card.run("00B2020C") == 0x6A83);
}

TEST_CASE("keys come under the channel's DEK alone, into the key file alone, and never go out") {
  Making card(0x03);
  const Bytes keys = concat({kAcKey, kSmiKey, kSmcKey});
  CHECK(card.write_key(0x8000, keys) == 0x6A82);  // no key file yet
  REQUIRE(card.create(file_control(0xEFFF, "0C210080", 64)) == 0x9000);
  CHECK(card.write_key(0x8000, keys) == 0x9000);
  CHECK(card.write_key(0x8000, keys) == 0x9000);  // again
  CHECK(card.write_key(0xA006, kNumberKey) == 0x9000);
  CHECK(card.write_key(0x8010, kPinBlock) == 0x6A84);  // 64 bytes are full
  CHECK(card.write_key(0x9102, Bytes(16)) == 0x6A88);  // no key
  CHECK(card.run("80D48000", Bytes(12)) == 0x6A80);
  CHECK(card.run("80D48000") == 0x6A80);
  CHECK(card.run("00B00000") == 0x6982);
  CHECK(card.run("00B20104") == 0x6982);
  CHECK(card.run("00E20000", Bytes(8)) == 0x6982);
  CHECK(card.run("00DC0104", Bytes(8)) == 0x6982);
  CHECK(card.activate() == 0x9000);
  CHECK(card.write_key(0x8000, keys) == 0x6985);
  CHECK(card.select_id(0x3F00) == 0x9000);
  CHECK(card.write_key(0x8000, keys) == 0x6986);
}

TEST_CASE("a DF is activated when its program has all that it needs, and the card after its DFs") {
  NativeHost card;
  REQUIRE(card.host.open(0x01) == 0x9000);
  CHECK(card.activate() == 0x6985);  // a card without DFs
  Dgis dgis = payment_dgis();
  dgis.erase(0x0201);
  REQUIRE(card.fill(0xDF01, kPaymentAid, dgis) == 0x9000);
  CHECK(card.activate() == 0x6985);
  CHECK(to_hex(card.host.run("00A40000", from_hex("DF01")).data).ends_with("8A0103"));
  REQUIRE(card.write_record(0x0201, payment_dgis()[0x0201]) == 0x9000);
  CHECK(card.select_id(0x3F00) == 0x9000);
  CHECK(card.activate() == 0x6985);
  CHECK(card.select_id(0xDF01) == 0x9000);
  CHECK(card.activate() == 0x9000);
  CHECK(card.activate() == 0x6985);
  CHECK(card.create(file_control(0xEF09, "042100FE", 0, 9)) == 0x6985);
  CHECK(card.run("00440000", from_hex("DF01")) == 0x6700);
  CHECK(card.run("00440001") == 0x6A86);
}

TEST_CASE("what cannot be right in a file is told when the DF is activated") {
  NativeHost card;
  REQUIRE(card.host.open(0x01) == 0x9000);
  Dgis dgis = payment_dgis();
  dgis[0x9000][0] ^= 1;
  REQUIRE(card.fill(0xDF01, kPaymentAid, dgis) == 0x9000);
  CHECK(card.activate() == 0x6A80);
  REQUIRE(card.select_id(0x9000) == 0x9000);
  CHECK(card.run("00D60000", payment_dgis()[0x9000]) == 0x9000);
  REQUIRE(card.select_id(0xDF01) == 0x9000);
  CHECK(card.activate() == 0x9000);
}

TEST_CASE("an unfinished native card is looked at, deleted and begun again after a power loss") {
  NativeHost card;
  REQUIRE(card.host.open(0x01) == 0x9000);
  REQUIRE(card.fill_card() == 0x9000);
  REQUIRE(card.run("10E20008", Bytes(4)) == 0x9000);  // a chain that ends with the power
  card.chip.power_off();
  card.chip.power_on();
  CHECK_FALSE(card.chip.is_personalised(kPaymentAid));
  CHECK(to_hex(select(card.chip, kPaymentAid).data).ends_with("8A0105"));
  CHECK(card.run("00E40000", from_hex("DF01")) == 0x6982);
  REQUIRE(card.host.open(0x01) == 0x9000);
  CHECK(card.create(folder_control(0xDF01, kDirectoryAid)) == 0x6A89);
  CHECK(card.run("00E40000", from_hex("DF01")) == 0x9000);
  CHECK(card.run("00E40000", from_hex("DF01")) == 0x6A82);
  CHECK(card.run("00E40000", from_hex("DF02")) == 0x9000);
  CHECK(card.run("00E40000") == 0x6985);  // the master file stays
  REQUIRE(card.fill_card() == 0x9000);
  CHECK(card.activate() == 0x9000);
  CHECK(card.chip.is_personalised(kPaymentAid));
}

TEST_CASE("whenever a native card loses its power, it can be begun again") {
  bool cut = true;
  for (std::size_t commands = 0; cut; ++commands) {
    CAPTURE(commands);
    NativeHost card;
    REQUIRE(card.host.open(0x01) == 0x9000);
    card.left = commands;
    cut = false;
    try {
      if (card.fill_card() != 0x9000 || card.activate() != 0x9000) FAIL("the card was refused");
    } catch (const PowerCut&) {
      cut = true;
    }
    card.chip.power_on();
    card.left = 1000;
    if (cut) {
      CHECK_FALSE(card.chip.is_personalised(kPaymentAid));
      REQUIRE(card.host.open(0x01) == 0x9000);
      for (const char* folder : {"DF01", "DF02"}) {
        const unsigned status = card.run("00E40000", from_hex(folder));
        CHECK((status == 0x9000 || status == 0x6A82));
      }
      REQUIRE(card.fill_card() == 0x9000);
      REQUIRE(card.activate() == 0x9000);
    }
    CHECK(card.chip.is_personalised(kPaymentAid));
  }
}

TEST_CASE("files in a DF that no program is for are found by a reader as they were made") {
  MakingFiles card;
  REQUIRE(card.create(file_control(0x0104, kTransparent, 300)) == 0x9000);
  REQUIRE(card.run("00D60000", Bytes(200, 0x11)) == 0x9000);
  REQUIRE(card.create(file_control(0x6F3A, "02210003", 6, 5)) == 0x9000);
  REQUIRE(card.run("00E20000", from_hex("010203")) == 0x9000);
  REQUIRE(card.create(file_control(0x0014, "042100FE", 0, 20)) == 0x9000);
  REQUIRE(card.run("00E20000", from_hex("AABBCC")) == 0x9000);
  REQUIRE(card.write_internal(0x9102, from_hex("A50650044C4F5941")) == 0x9000);
  REQUIRE(card.select_id(0xDF01) == 0x9000);
  REQUIRE(card.activate() == 0x9000);
  REQUIRE(card.select_id(0x3F00) == 0x9000);
  REQUIRE(card.activate() == 0x9000);
  REQUIRE(select(card.chip, from_hex("F04B5044000099")).status == 0x9000);
  CHECK(send(card.chip, from_hex("00A40000020104")).data == file_control(0x0104, "01", 300));
  CHECK(to_hex(send(card.chip, from_hex("00B000C604")).data) == "1111FFFF");
  CHECK(to_hex(send(card.chip, from_hex("00B2012C00")).data) == "010203");
  CHECK(to_hex(send(card.chip, from_hex("00B201A400")).data) == "AABBCC");
}

TEST_CASE("a terminated card answers no more") {
  NativeHost card;
  REQUIRE(card.host.open(0x01) == 0x9000);
  CHECK(card.run("00FE0001") == 0x6A86);
  CHECK(card.run("00FE0000") == 0x9000);
  card.chip.power_on();
  CHECK(card.host.initialize().status == 0x6A81);
}

TEST_CASE("a native card has no security domain") {
  ChipConfig config = native_config();
  config.card_manager = kManagerAid;
  CHECK_THROWS(Chip(std::move(config)));
}
