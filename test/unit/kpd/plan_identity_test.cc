// What identifies a card: certificate serials and card references.
#include <catch2/catch.hpp>
#include <set>

#include "kpd/exit_code.h"
#include "kpd/journal/journal.h"
#include "kpd/plan/plan.h"

using emvcrypto::to_hex;
using kpd::card_reference;
using kpd::certificate_serial;

namespace {

kpd::IssuerPlan issuer(std::uint32_t base) {
  kpd::IssuerPlan plan;
  plan.serial_base = base;
  return plan;
}

std::string serial(std::uint32_t base, std::uint64_t ordinal, int which) {
  const auto bytes = certificate_serial(issuer(base), ordinal, which);
  return bytes ? to_hex(*bytes) : "none";
}

}  // namespace

TEST_CASE("certificate serials are computed from the issuer's base and the card's place") {
  CHECK(serial(1, 0, 0) == "000001");
  CHECK(serial(1, 0, 1) == "000002");
  CHECK(serial(1, 1, 0) == "000003");
  CHECK(serial(0x100000, 0x1234, 1) == "102469");
}

TEST_CASE("no two certificates of a batch share a serial") {
  std::set<std::string> seen;
  for (std::uint64_t ordinal = 0; ordinal < 1000; ++ordinal)
    for (int which : {0, 1}) CHECK(seen.insert(serial(500, ordinal, which)).second);
  // The next job of the issuer starts behind, as its serial_base says.
  CHECK(seen.insert(serial(500 + 2 * 1000, 0, 0)).second);
}

TEST_CASE("there is no serial beyond three bytes") {
  CHECK(serial(0xFFFFFF, 0, 0) == "FFFFFF");
  CHECK(serial(0xFFFFFF, 0, 1) == "none");
  CHECK(serial(0, 0x7FFFFF, 1) == "FFFFFF");
  CHECK(serial(0, 0x800000, 0) == "none");
  CHECK(serial(0, std::uint64_t{1} << 63, 0) == "none");
  CHECK(serial(0, ~std::uint64_t{0}, 1) == "none");
}

TEST_CASE("a card reference is made of plan, place and generation") {
  kpd::Plan plan;
  plan.digest = "0123456789ABCDEF" + std::string(48, '7');
  CHECK(to_hex(card_reference(plan, 0, 0)) == "0123456789ABCDEF0000000000000000");
  CHECK(to_hex(card_reference(plan, 0x010203, 0x0405)) == "0123456789ABCDEF0000000102030405");
  CHECK(card_reference(plan, 1, 0) != card_reference(plan, 0, 1));
}

TEST_CASE("a key of the plan is found by its role, and a missing one is named") {
  kpd::Plan plan;
  plan.keys = {{"KEK1", "a", {}}, {"MAC", "b", {}}};
  CHECK(plan.key("MAC") == 1);
  CHECK_THROWS_WITH(plan.key("KMC"), Catch::Contains("KMC"));
}

TEST_CASE("a job stops beyond its limit of rejects, and without one never") {
  kpd::Plan plan;
  CHECK_FALSE(plan.reject_limit_reached(1'000'000));
  plan.max_rejects = 3;
  CHECK_FALSE(plan.reject_limit_reached(3));
  CHECK(plan.reject_limit_reached(4));
}

TEST_CASE("books balance when every record became a card or a reject") {
  CHECK(kpd::Books{5, 3, 2}.balanced());
  CHECK_FALSE(kpd::Books{5, 3, 1}.balanced());
}

TEST_CASE("without a journal every run is the first") {
  kpd::NullJournal null;
  kpd::Journal& journal = null;
  CHECK(journal.begin("digest", "run") == 0);
  CHECK_NOTHROW(journal.commit_chunk(0, {1, 1, 0}));
  CHECK_NOTHROW(journal.finish({1, 1, 0}, "digest"));
  CHECK(journal.begin("digest", "run") == 0);
}
