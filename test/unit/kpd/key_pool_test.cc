#include "kpd/pool/key_pool.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "emvcrypto/rsa.h"
#include "kpd/exit_code.h"
#include "kpd/keys/icc_keys.h"
#include "kpd/pool/fill_pool.h"
#include "kpd/pool/pool_icc_keys.h"
#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

using Catch::Contains;
using emvcrypto::RsaKeyPair;
using emvcrypto::RsaShape;
using kpd::KeyPool;
using kpd::PoolEntry;
using kpd::PoolFile;

namespace fs = std::filesystem;

namespace {

const RsaShape kShape{512, 3, false};
const emvcrypto::Date kDay{2026, 11, 20};

/// A token with a storage key, a folder for the pool, and a plan that takes from it.
struct Place {
  Place() {
    plan.icc_keys.source = kpd::IccKeySource::pool;
    plan.date = {2026, 11, 30};
    plan.keys.push_back({"STORAGE", "STORAGE", token->kcv(storage), 16});
  }

  PoolEntry put(std::size_t pairs, const emvcrypto::Date& made = kDay,
                const RsaShape& shape = kShape) {
    return write(factory->take(shape, pairs), shape, made);
  }
  PoolEntry write(std::span<const RsaKeyPair> pairs, const RsaShape& shape = kShape,
                  const emvcrypto::Date& made = kDay) {
    kpd::PoolFileWriter file(shape, "factory", made, *token, storage);
    for (const RsaKeyPair& pair : pairs) file.add(pair);
    return file.write(pool.open_folder());
  }
  std::unique_ptr<PoolFile> take(const PoolEntry& entry) {
    return pool.take(entry, *token, storage);
  }
  kpd::PoolKeys keys(std::unique_ptr<kpd::IccKeys> otherwise = nullptr) {
    return {plan, token, pool.folder(), std::move(otherwise)};
  }

  hsm_test::TestDevice device;
  std::shared_ptr<hsm::Token> token = device.token;
  hsm::Key storage =
      token->generate_secret(hsm::KeyType::aes, 32, {.encrypt = true, .decrypt = true}, "STORAGE");
  kpd_test::TempFolder folder;
  KeyPool pool{folder.path() / "pool"};
  std::unique_ptr<kpd::IccKeys> factory = kpd::make_factory_keys(token);
  kpd::Plan plan;
};

/// Whether the parts sign what the public key recovers.
bool works(const RsaKeyPair& pair) {
  emvcrypto::Bytes block(pair.public_key.size(), 0x42);
  block[0] = 0;
  const auto signer = emvcrypto::make_rsa_signer(pair.public_key, pair.crt);
  return emvcrypto::rsa_recover(pair.public_key, signer->sign_raw({&block, 1}).front()) == block;
}

/// The chosen exit code of what a call throws.
template <typename Call>
kpd::ExitCode code_of(const Call& call) {
  try {
    call();
  } catch (const kpd::Failure& failure) {
    return failure.code();
  }
  return kpd::ExitCode::done;
}

void flip(const fs::path& file, std::streamoff at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at, at < 0 ? std::ios::end : std::ios::beg);
  const auto place = stream.tellg();
  const int byte = stream.get();
  stream.seekp(place);
  stream.put(static_cast<char>(byte ^ 1));
}

}  // namespace

TEST_CASE("pairs come out of the pool as they went in, once") {
  Place place;
  const auto made = place.factory->take(kShape, 3);
  const PoolEntry entry = place.write(made);
  const auto file = place.take(entry);
  REQUIRE(file);
  CHECK(!fs::exists(entry.file));
  for (const RsaKeyPair& one : made) {
    const RsaKeyPair pair = file->next();
    CHECK(pair.public_key == one.public_key);
    CHECK(pair.crt.p.equals(one.crt.p));
    CHECK(pair.crt.qinv.equals(one.crt.qinv));
    CHECK(works(pair));
  }
  CHECK(file->left() == 0);
  CHECK(!place.take(entry));
}

TEST_CASE("a file that comes back after it was taken is not taken again") {
  Place place;
  const PoolEntry entry = place.put(2);
  const fs::path copy = place.folder.path() / "copy";
  fs::copy_file(entry.file, copy);
  REQUIRE(place.take(entry));
  fs::copy_file(copy, entry.file);  // as after a kill between register and removal, or by a thief

  KeyPool another(place.pool.folder());
  CHECK(!another.take(entry, *place.token, place.storage));
  CHECK(!fs::exists(entry.file));
  fs::copy_file(copy, entry.file);
  CHECK(code_of([&] { place.keys().take(kShape, 1); }) == kpd::ExitCode::hold);
}

TEST_CASE("a file under another name is damaged, not a second one") {
  Place place;
  PoolEntry entry = place.put(2);
  entry.id = std::string(32, 'A');
  const fs::path other = place.pool.folder() / kpd::pool_file_name(entry);
  fs::copy_file(entry.file, other);
  entry.file = other;
  CHECK_THROWS_WITH(place.take(entry), Contains("its name is another file's"));
}

TEST_CASE("a changed file gives no pair") {
  Place place;
  const PoolEntry entry = place.put(2);
  SECTION("in its last pair") {
    flip(entry.file, -20);
    const auto file = place.take(entry);
    CHECK(works(file->next()));
    CHECK_THROWS_WITH(file->next(), Contains("pair 2 was changed"));
  }
  SECTION("cut") {
    fs::resize_file(entry.file, fs::file_size(entry.file) - 1);
    CHECK_THROWS_WITH(place.take(entry), Contains("length is wrong"));
  }
  SECTION("in its sealed key") {
    const std::string bytes = kpd_test::content_of(entry.file);
    const auto head =
        static_cast<std::streamoff>(7 + std::uint8_t(bytes[5]) * 256 + std::uint8_t(bytes[6]));
    flip(entry.file, head - 1);
    CHECK_THROWS_AS(place.take(entry), hsm::SetupError);
    CHECK_THROWS_AS(place.keys().take(kShape, 1), hsm::SetupError);
    CHECK(fs::exists(entry.file));  // nothing is lost by trying
  }
  SECTION("no file of the pool") {
    std::ofstream(entry.file) << "something";
    CHECK_THROWS_WITH(place.take(entry), Contains("it is none"));
  }
}

TEST_CASE("pairs under another storage key are told") {
  Place place;
  const PoolEntry entry = place.put(1);
  const hsm::Key other = place.token->generate_secret(hsm::KeyType::aes, 32,
                                                      {.encrypt = true, .decrypt = true}, "OTHER");
  CHECK_THROWS_WITH(place.pool.take(entry, *place.token, other), Contains("another storage key"));
  CHECK(place.take(entry));
}

TEST_CASE("nothing of a pair stands in its file in clear") {
  Place place;
  const auto made = place.factory->take(kShape, 1);
  const PoolEntry entry = place.write(made);
  const std::string bytes = kpd_test::content_of(entry.file);
  for (const emvcrypto::Secret* part : {&made[0].crt.p, &made[0].crt.q, &made[0].crt.dp})
    CHECK(bytes.find(emvcrypto::as_text(part->expose().first(8))) == std::string::npos);
  struct stat about {};
  REQUIRE(stat(entry.file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a folder that others may look into is no pool") {
  Place place;
  fs::create_directory(place.pool.folder());
  fs::permissions(place.pool.folder(), fs::perms::all);
  CHECK_THROWS_WITH(place.put(1), Contains("must be private"));
}

TEST_CASE("names of files tell what is in them, and nothing else is listed") {
  Place place;
  const RsaShape full{528, 65537, true};
  place.put(3);
  place.put(2, {2026, 11, 2});
  place.put(1, kDay, full);
  std::ofstream(place.pool.folder() / "512-3-2026-11-20-9-AB.pairs.part") << "x";
  std::ofstream(place.pool.folder() / "512-3-2026-13-20-9-AB.pairs") << "x";
  std::ofstream(place.pool.folder() / "0512-3-2026-11-20-9-AB.pairs") << "x";
  const auto files = place.pool.files();
  REQUIRE(files.size() == 3);
  CHECK(files[0].made == emvcrypto::Date{2026, 11, 2});
  const auto levels = place.pool.levels();
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].pairs == 5);
  CHECK(levels[0].files == 2);
  CHECK(levels[0].newest == kDay);
  CHECK(levels[1].shape == full);
}

TEST_CASE("threads and pools that take at the same time never get one pair twice") {
  Place place;
  for (int i = 0; i < 8; ++i) place.put(5);
  std::mutex mutex;
  std::multiset<emvcrypto::Bytes> moduli;
  {
    std::vector<std::unique_ptr<kpd::PoolKeys>> sources;
    for (int i = 0; i < 2; ++i)
      sources.push_back(
          std::make_unique<kpd::PoolKeys>(place.plan, place.token, place.pool.folder(), nullptr));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        for (int n = 0; n < 4; ++n) {
          const auto pairs = sources[i % 2]->take(kShape, 2);
          const std::lock_guard lock(mutex);
          for (const RsaKeyPair& pair : pairs) moduli.insert(pair.public_key.modulus);
        }
      });
  }
  CHECK(moduli.size() == 32);
  CHECK(std::set(moduli.begin(), moduli.end()).size() == 32);
  // What was taken and not used went back.
  REQUIRE(place.pool.levels().size() == 1);
  CHECK(place.pool.levels()[0].pairs == 8);
  for (const RsaKeyPair& pair : place.keys().take(kShape, 8))
    CHECK(moduli.insert(pair.public_key.modulus) != moduli.end());
  CHECK(std::set(moduli.begin(), moduli.end()).size() == 40);
}

TEST_CASE("an empty pool ends the job, or somebody else makes the pairs") {
  Place place;
  place.put(2);
  CHECK(code_of([&] { place.keys().take(kShape, 3); }) == kpd::ExitCode::hold);

  place.put(2);
  auto keys = place.keys(kpd::make_factory_keys(place.token));
  const auto pairs = keys.take(kShape, 5);
  CHECK(pairs.size() == 5);
  CHECK(std::all_of(pairs.begin(), pairs.end(), works));
  CHECK(keys.counts() == kpd::IccKeyCounts{{"pool", 2}, {"factory", 3}});
}

TEST_CASE("pairs that are too old for the job stay where they are") {
  Place place;
  place.put(1, {2026, 10, 30});
  place.plan.icc_keys.pool_days = 30;
  CHECK(code_of([&] { place.keys().take(kShape, 1); }) == kpd::ExitCode::hold);
  CHECK(place.pool.files().size() == 1);
  place.plan.icc_keys.pool_days = 31;
  CHECK(place.keys().take(kShape, 1).size() == 1);
}

TEST_CASE("purged pairs are gone for everybody") {
  Place place;
  place.put(2, {2026, 10, 1});
  const PoolEntry young = place.put(3);
  CHECK(place.pool.purge([](const PoolEntry& entry) { return entry.made < kDay; }) == 2);
  REQUIRE(place.pool.files().size() == 1);
  const fs::path copy = place.folder.path() / "copy";
  fs::copy_file(young.file, copy);
  CHECK(place.pool.purge([](const PoolEntry&) { return true; }) == 3);
  fs::copy_file(copy, young.file);
  CHECK(!place.take(young));
}

TEST_CASE("a pool without a sound register gives nothing, and can be purged") {
  Place place;
  place.put(2);
  std::ofstream(place.pool.folder() / "taken.db") << "no database, but something else entirely";
  CHECK(code_of([&] { place.keys().take(kShape, 1); }) == kpd::ExitCode::hold);
  KeyPool another(place.pool.folder());
  CHECK(another.purge([](const PoolEntry&) { return true; }) == 2);
  CHECK(another.files().empty());
}

TEST_CASE("a device that fails while a file is opened costs no pair") {
  Place place;
  place.put(2);
  auto keys = place.keys();
  place.device.module->set_tap(
      [](std::string_view call) { return call == "C_Decrypt" ? 0x30UL : 0UL; });
  CHECK_THROWS_AS(keys.take(kShape, 1), std::exception);
  place.device.module->set_tap({});
  CHECK(place.pool.files().size() == 1);
}

TEST_CASE("the pool is filled to a level with what the job's cards need") {
  Place place;
  kpd::CardPlan card;
  kpd::ApplicationPlan application;
  application.icc_key = kpd::RsaPairPlan{512, 3, false};
  application.pin_key = kpd::RsaPairPlan{512, 65537, false};
  card.applications.push_back(std::move(application));
  place.plan.cards.push_back(std::move(card));
  place.put(4);
  place.put(50, {2026, 9, 1});  // too old for the job: they do not count
  auto orders = kpd::missing_pairs(place.plan, place.pool, 10);
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].pairs == 6);
  CHECK(orders[1].pairs == 10);

  std::size_t told = 0;
  bool stop = false;
  kpd::PoolFilling filling{
      *place.factory, "factory", place.token,          place.storage,
      kDay,           2,         [&] { return stop; }, [&](std::size_t made) { told = made; }};
  CHECK(kpd::fill_pool(place.pool, orders, filling) == 16);
  CHECK(told == 16);
  for (const kpd::PoolOrder& order : kpd::missing_pairs(place.plan, place.pool, 10))
    CHECK(order.pairs == 0);

  stop = true;
  CHECK(kpd::fill_pool(place.pool, {{kShape, 100}}, filling) == 0);
}
