#include <catch2/catch.hpp>

#include "emvcrypto/tags.h"
#include "kpd/exit_code.h"
#include "test/unit/kpd/inspect_sample.h"

using namespace inspect_test;
using kpd::ExitCode;
using kpd::Failure;
using kpd::inspect::Wish;

namespace {

ExitCode code_of(const std::string& file, const Wish& wish) {
  try {
    shown(file, wish);
  } catch (const Failure& failure) {
    return failure.code();
  }
  return ExitCode::done;
}

std::string three_cards() {
  return file_of({card(application(), "00000011"), card(application(), "00000012"),
                  card(application(), "00000013")});
}

Wish wish_for(const std::string& record) {
  Wish wish;
  wish.record = record;
  return wish;
}

}  // namespace

TEST_CASE("inspect: the head of a card file says where it comes from") {
  CHECK_THAT(shown(file_of({})),
             Catch::StartsWith(
                 "Card file\n"
                 "  run          aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                 "  job          starter\n"
                 "  plan         bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
                 "  date         2026-11-22\n"
                 "  test data    no\n"
                 "  chip module  $CHP\n"
                 "  format       EMV CPS records in modules\n"
                 "  keys\n"
                 "    TKK1  card-keys  3DES, KCV 010203  24 bytes wrapped by aes-kw under KEK2-KEY "
                 "(KCV 0A0B0C)\n"
                 "    TKP1  pin        3DES, KCV 040506  is KEK2-PIN (KCV 040506) itself\n"
                 "\n"
                 "Trailer\n"
                 "  read      1\n"
                 "  records   0  as in the file\n"
                 "  rejected  1\n"));
}

TEST_CASE("inspect: a card is shown from its modules to its last DGI") {
  const std::string text = shown(file_of({card(application())}));
  CHECK_THAT(text, Catch::Contains("\nRecord 1  00000001  GOLD\n"
                                   "  $REF  00000001\n"
                                   "  $TYP  GOLD\n"
                                   "  $MG1  %B999999******0014^P******/O***^4912201******?\n"
                                   "  $MG2  ;999999******0014=4912201******?\n"
                                   "  $EM1  9999 99** **** 0014\n"
                                   "  $EM3  P******/O***\n"
                                   "  $IND  0014 ***\n"));
  CHECK_THAT(text, Catch::Contains("    application      A0000009990101  TEST CREDIT\n"
                                   "      transport keys\n"
                                   "        TKK1  3DES-ECB  8000  type 20\n"
                                   "        TKP1  3DES-CBC  8010  type 20\n"
                                   "      owner           A000000999\n"
                                   "      step 1          personalise by DGIs\n"
                                   "        security level           03, C-MAC and C-ENC\n"
                                   "        in this order            8010 9010; 8000 9000\n"
                                   "        enciphered for the card  8000 8010\n"
                                   "      data groupings  8\n"));
  CHECK_THAT(
      text, Catch::Contains("        8010  reference PIN block               8 bytes enciphered "
                            "under TKP1 (3DES-CBC)\n"
                            "        9010  PIN tries                         3 left of 3\n"
                            "        8000  symmetric keys                    48 bytes enciphered "
                            "under TKK1 (3DES-ECB)\n"
                            "        9000  check values of the keys in 8000  112233 445566 778899\n"
                            "      MAC             DEADBEEF  its key: 16 bytes enciphered\n"));
}

TEST_CASE("inspect: neither text nor JSON shows a secret, a PAN, a name or a verification value") {
  const std::string file = file_of({card(application())});
  for (const bool json : {false, true}) {
    const std::string text = shown(file, {}, json);
    CHECK_THAT(text, Catch::Contains(kMaskedPan) && Catch::Contains(kMaskedName));
    for (const char* hidden : {"9999990000000014", "9999 9900 0000 0014", "PETROVA", "Petrova",
                               "000123", "E7E7", "D6D6", "B4B4", "C5C5", "5045544F", "01230"})
      CHECK_THAT(text, !Catch::Contains(hidden));
  }
}

TEST_CASE("inspect: a DGI of a secret kind is hidden even when no key is named for it") {
  cps::Application careless = application();
  careless.transport_keys.clear();
  careless.steps[0].instructions.enciphered.clear();
  const std::string text = shown(file_of({card(careless)}));
  CHECK_THAT(text, Catch::Contains("48 bytes, not shown  no transport key is named for it"));
  CHECK_THAT(text, !Catch::Contains("E7E7") && !Catch::Contains("D6D6"));

  careless.steps[0].instructions.enciphered = {{0xA006, 0x11}};
  careless.dgis.push_back({0xA006, kSecretKeys});
  CHECK_THAT(shown(file_of({card(careless)})), !Catch::Contains("E7E7"));
}

TEST_CASE("inspect: a transport key that the header does not have is said") {
  cps::FileHeader head = header();
  head.keys.erase(head.keys.begin());
  CHECK_THAT(shown(file_of({card(application())}, head)),
             Catch::Contains("TKK1  3DES-ECB  8000  type 20, not among the keys of the header"));
}

TEST_CASE("inspect: PANs are shown of test jobs alone") {
  Wish open;
  open.show_pan = true;
  CHECK(code_of(file_of({card(application())}), open) == ExitCode::usage);
  cps::FileHeader test = header();
  test.test = true;
  const std::string text = shown(file_of({card(application())}, test), open);
  CHECK_THAT(text, Catch::Contains("%B" + kPan + "^" + kName + "^4912201000123?"));
  CHECK_THAT(text, Catch::Contains("(PAN)   " + kPan));
  CHECK_THAT(text, !Catch::Contains("E7E7") && !Catch::Contains("D6D6"));
}

TEST_CASE("inspect: the first records are shown, and how many there are besides") {
  std::vector<std::vector<cps::Module>> cards(5, card(application()));
  const std::string text = shown(file_of(cards));
  CHECK_THAT(text, Catch::Contains("Record 3  ") && !Catch::Contains("Record 4  "));
  CHECK_THAT(text, Catch::Contains("\n2 more  --all shows them, --record ID one of them\n"));
  Wish wish;
  wish.limit = 0;
  CHECK_THAT(shown(file_of(cards), wish), Catch::Contains("\n5 more  "));
  wish.limit.reset();
  wish.all = true;
  CHECK_THAT(shown(file_of(cards), wish),
             Catch::Contains("Record 5  ") && !Catch::Contains(" more"));
}

TEST_CASE("inspect: one record is found by its place and by its id") {
  const std::string by_id = shown(three_cards(), wish_for("00000012"));
  CHECK_THAT(by_id, Catch::Contains("Record 2  00000012") && !Catch::Contains("Record 1  "));
  CHECK(by_id == shown(three_cards(), wish_for("2")));
  CHECK(code_of(three_cards(), wish_for("4")) == ExitCode::usage);
}

TEST_CASE("inspect: a file that was cut is shown as far as it goes, then refused") {
  const std::string file = three_cards();
  std::istringstream in(file.substr(0, file.size() - 300));
  std::ostringstream out;
  const auto writer = kpd::inspect::make_json_writer(out);
  CHECK_THROWS_AS(kpd::inspect::inspect_card_file(in, {}, *writer), cps::FileError);
  const auto tree = nlohmann::json::parse(out.str());
  CHECK(tree["intact"] == false);
  CHECK_THAT(tree["fault"].get<std::string>(), Catch::Contains("ends before its trailer"));
  CHECK(find_node(tree, "00000011")["kind"] == "record");
}

TEST_CASE("inspect: a file whose digest does not fit is refused") {
  std::string file = three_cards();
  file[file.find("$TYP") + 12] ^= 1;
  CHECK_THROWS_WITH(shown(file), Catch::Contains("the file was altered"));
  CHECK_THROWS_AS(shown("$HDR0000002{}"), cps::FileError);
}

TEST_CASE("inspect: chip data that cannot be read is said, and the rest shown") {
  auto broken = card(application());
  broken.back().content.resize(100);
  const std::string file = file_of({broken, card(application(), "00000002")});
  CHECK(code_of(file, {}) == ExitCode::hold);
  std::istringstream in(file);
  std::ostringstream out;
  const auto writer = kpd::inspect::make_text_writer(out, {});
  CHECK_THROWS_WITH(kpd::inspect::inspect_card_file(in, {}, *writer),
                    Catch::StartsWith("record 1: "));
  CHECK_THAT(out.str(), Catch::Contains("  $CHP  100 bytes  cannot be read: "));
  CHECK_THAT(out.str(), Catch::Contains("Record 2  00000002") && Catch::Contains("Trailer\n"));
}

TEST_CASE("inspect: JSON holds the same tree, with the bytes of what is open") {
  const auto tree = nlohmann::json::parse(shown(file_of({card(application())}), {}, true));
  CHECK(tree["kind"] == "card-file");
  CHECK(tree["intact"] == true);
  CHECK(find_node(tree, "run")["value"] == std::string(32, 'a'));
  CHECK(find_node(tree, "5F24")["value"] == "2049-12-31");
  CHECK(find_node(tree, "5F24")["bytes"] == "491231");
  CHECK(find_node(tree, "82")["children"][0]["id"] == "1.6");
  CHECK(find_node(tree, "5A")["masked"] == true);
  CHECK_FALSE(find_node(tree, "5A").contains("bytes"));
  CHECK_FALSE(find_node(tree, "8000").contains("bytes"));
  CHECK(find_node(tree, "digest")["note"] == "agrees with the file");
}

TEST_CASE("inspect: no sensitive tag of the dictionary shows its value") {
  for (const emvcrypto::TagInfo& info : emvcrypto::tag_dictionary()) {
    if (!info.sensitive) continue;
    cps::Application one = application();
    const Bytes value(std::max<std::size_t>(info.min_length, 5), 'Q');
    one.dgis = {{0x3000, tlv(info.tag, value)}};
    const std::string text = shown(file_of({card(one)}), {}, true);
    CHECK_THAT(text,
               !Catch::Contains("Petrova") && !Catch::Contains("QQ") && !Catch::Contains("5151"));
  }
}
