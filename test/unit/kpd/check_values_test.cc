// Slips of the hand that every field and every length let pass are warned of.
#include <catch2/catch.hpp>

#include "kpd/template/file_check.h"
#include "test/unit/support/starter_area.h"

using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

/// What the check of the starter job tells when one thing of a file is changed.
std::string told(const StarterArea& area, const std::string& file, const std::string& from,
                 const std::string& to) {
  const Edit edit(area.folder() / file, from, to);
  const auto token = [&](const std::filesystem::path&) { return area.token(); };
  std::string all;
  for (const kpd::Mistake& mistake :
       kpd::check_file(area.folder() / "job.yaml", {}, token).mistakes)
    all += (mistake.warning ? "warning " : "error ") + mistake.id + ": " +
           std::to_string(mistake.place.line) + ": " + mistake.text + "\n";
  return all;
}

const std::string kCard = "templates/cards/classic-sda.yaml";
const std::string kJob = "job.yaml";
const std::string kSda = "templates/applications/vsdc-sda.yaml";

}  // namespace

TEST_CASE("nothing is found in the starter job") {
  const StarterArea area;
  CHECK(told(area, kJob, "name: starter", "name: starter") == "");
}

TEST_CASE("verification values over something else than their place has are warned of") {
  const StarterArea area;
  CHECK_THAT(told(area, kCard, "icvv: {cvv: CVK, key_a: CVK-A, pan: \"{pan}\"",
                  "icvv: {cvv: CVK, key_a: CVK-A, pan: \"4761739001010119\""),
             Catch::Contains("warning values: ") &&
                 Catch::Contains("'icvv' is computed without the card's PAN"));
  CHECK_THAT(
      told(area, kCard, "icvv: {cvv: CVK, key_a: CVK-A, pan: \"{pan}\", expiry: \"{expiry}\"",
           "icvv: {cvv: CVK, key_a: CVK-A, pan: \"{pan}\", expiry: "
           "\"{right(expiry,2)}{left(expiry,2)}\""),
      Catch::Contains("'icvv' is over another expiry than tracks have"));
  CHECK(told(area, kCard, "cvv2: {cvv: CVK, key_a: CVK-A, pan: \"{pan}\", expiry: \"{expiry}\"",
             "cvv2: {cvv: CVK, key_a: CVK-A, pan: \"{pan}\", expiry: "
             "\"{right(expiry,2)}{left(expiry,2)}\"") == "");
  CHECK_THAT(told(area, kCard, "cvv:  {cvv: CVK, key_a: CVK-A", "cvv:  {cvv: CVK-A, key_a: CVK"),
             Catch::Contains("has the keys of 'cvv' the other way round"));
  CHECK_THAT(told(area, kCard, "cvv:  {cvv: CVK, key_a: CVK-A", "cvv:  {cvv: CVK, key_a: CVK"),
             Catch::Contains("'cvv' has one key for 'cvv' and 'key_a'"));
  CHECK_THAT(
      told(area, kCard, "\"$MG2\": {track2: \"000{cvv}\"}", "\"$MG2\": {track2: \"000{icvv}\"}"),
      Catch::Contains("the stripe holds 'icvv', which is the chip's"));
  CHECK_THAT(told(area, kCard, "\"$MG1\": {track1:", "\"$MG1\": {track2:"),
             Catch::Contains("module $MG1 holds the other track"));
  CHECK_THAT(told(area, kSda, "{track2: \"000{icvv}\"}", "{track2: \"000{cvv}\"}"),
             Catch::Contains("holds 'cvv', which is not the chip's own"));
}

TEST_CASE("elements that make every card a reject are found before a run") {
  const StarterArea area;
  const std::string expiry = "{text: \"{expiry}\", as: date-end}";
  CHECK_THAT(
      told(area, kSda, expiry, "{text: \"{expiry}\", as: n, width: 3}"),
      Catch::Contains("error length: ") && Catch::Contains("this text has 4 digits at most"));
  CHECK_THAT(
      told(area, kSda, "{text: \"{pan}\", as: cn}", "{text: \"{record_id}\", as: cn}"),
      Catch::Contains("5A (Application Primary Account Number (PAN)) is made without 'pan'"));
  CHECK_THAT(told(area, kSda, "{text: \"{psn}\", as: n, width: 1}",
                  "{text: \"{issue}\", as: n, width: 1}"),
             Catch::Contains("is made without 'psn'"));
  CHECK_THAT(told(area, kSda, "{text: \"{country}\", as: n, width: 2}",
                  "{text: \"{branch}\", as: n, width: 2}"),
             Catch::Contains("has 6 digits at least, and 'width' has place for 4"));
  CHECK_THAT(told(area, kSda, "{text: \"{country}\", as: n, width: 2}",
                  "{text: \"{language}\", as: n, width: 2}"),
             Catch::Contains("warning field-type: ") &&
                 Catch::Contains("field 'language' may have other characters"));
  CHECK_THAT(
      told(area, kSda, "{text: \"{country}\", as: n, width: 2}", "{text: \"{country}\", as: hex}"),
      Catch::Contains("is made of 3 hexadecimal digits"));
}

TEST_CASE("keys that are mixed up are warned of") {
  const StarterArea area;
  CHECK_THAT(told(area, kJob, "{key: \"pkcs11:object=IMK-SMI\", kcv: \"70FEF8\"}",
                  "\"pkcs11:object=IMK-AC\""),
             Catch::Contains("warning one-key: ") &&
                 Catch::Contains("'IMK-SMI' has the check value of 'IMK-AC': they are one key"));
  CHECK_THAT(told(area, kSda, "AC: IMK-AC", "AC: CVK"),
             Catch::Contains("warning one-key: ") && Catch::Contains("'CVK' has two uses"));
  CHECK_THAT(
      told(area, kSda, "SMI: IMK-SMI", "SMI: IMK-SMC"),
      Catch::Contains("warning key-role: ") && Catch::Contains("key SMI is derived from IMK-SMC"));
}

TEST_CASE("what a run would find at its start is found before it") {
  const StarterArea area;
  CHECK_THAT(told(area, kJob, "    emboss_line4: {type: ans,",
                  "    emboss_line4: {type: ans, column: emboss_lin4,"),
             Catch::Contains("error unknown-column: ") &&
                 Catch::Contains("no column is called 'emboss_lin4'"));
  CHECK_THAT(told(area, kJob, "transport_keys: fresh", "transport_keys: static"),
             Catch::Contains("error key-type: ") &&
                 Catch::Contains("KEK2-KEY must be a 3DES key, which is a transport key itself"));
  CHECK_THAT(
      told(area, kJob, "visa-gold.yaml, serial_base: 1}", "visa-gold.yaml, serial_base: 16777212}"),
      Catch::Contains("error serials: ") &&
          Catch::Contains("the certificate serials of 'visa-gold' do not suffice for"));
  CHECK_THAT(told(area, kJob, "  STORAGE:", "  STORAGE2:"),
             Catch::Contains("the job names no key for the role STORAGE"));
}

TEST_CASE("the check of a chip, a CA key and an issuer's certificate tells all mistakes at once") {
  const kpd_test::TempFolder folder;
  const auto found = [&](const std::string& text) {
    std::string all;
    for (const kpd::Mistake& mistake :
         kpd::check_file(folder.write("file.yaml", text), {}, {}).mistakes)
      all += mistake.line() + "\n";
    return all;
  };
  const std::string chip = found(
      "kind: chip\natr: \"3\"\nkmc_id: \"00\"\nkey_version: 200\nscp02: \"77\"\ncolour: red\n"
      "instances: [{aid: \"F0\", application: flying}, {application: payment, size: 1}]\n");
  for (const char* place : {":2:", ":3:", ":4:", ":5:", ":6:", "flying", "'aid'", "'size'"})
    CHECK_THAT(chip, Catch::Contains(place));
  const std::string ca = found(
      "kind: ca-key\nrid: \"A0\"\nindex: \"0102\"\nkey: {modulus: \"zz\", exponent: \"03\"}\n"
      "hash: \"00\"\nexpiry: \"1330\"\nretired: soon\nowner: us\n");
  for (const char* place : {":2:", ":3:", ":4:", ":5:", ":6:", ":7:", ":8:"})
    CHECK_THAT(ca, Catch::Contains(place));
  const std::string issuer = found(
      "kind: issuer-certificate\nissuer_id: \"00\"\nrid: \"A0\"\nca_index: \"0102\"\n"
      "certificate: \"zz\"\nremainder: \"0\"\nowner: us\n");
  for (const char* place : {":2:", ":3:", ":4:", ":5:", ":6:", ":7:", "'key_uri'", "'key'"})
    CHECK_THAT(issuer, Catch::Contains(place));
}
