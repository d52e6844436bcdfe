// How fast the key factory is against OpenSSL's key generation, in one run on one thread, all paths
// taking turns; processor time, so that other work on the machine matters less. With --campaign it
// makes many pairs and looks at them instead.
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"
#include "test/bench/key_factory_campaign.h"

using namespace emvcrypto;

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void openssl_pair(const RsaShape& shape) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr);
  BIGNUM* exponent = BN_new();
  EVP_PKEY* key = nullptr;
  const bool made = EVP_PKEY_keygen_init(context) > 0 &&
                    EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(shape.bits)) > 0 &&
                    BN_set_word(exponent, shape.exponent) > 0 &&
                    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) > 0 &&
                    EVP_PKEY_keygen(context, &key) > 0;
  EVP_PKEY_free(key);
  BN_free(exponent);
  EVP_PKEY_CTX_free(context);
  if (!made) throw std::runtime_error("OpenSSL makes no such pair");
}

/// One of those that are compared: seconds a pair of each turn.
struct Runner {
  const char* name;
  std::size_t pairs_a_turn;
  std::function<void(std::size_t)> make;
  std::vector<double> turns;

  void turn() {
    const double from = processor_seconds();
    make(pairs_a_turn);
    turns.push_back((processor_seconds() - from) / static_cast<double>(pairs_a_turn));
  }

  double seconds() const {
    double sum = 0;
    for (const double seconds : turns) sum += seconds;
    return sum / static_cast<double>(turns.size());
  }
};

void compare(const RsaShape& shape, std::size_t turns) {
  std::vector<Runner> runners;
  runners.push_back({"openssl",
                     10,
                     [&](std::size_t count) {
                       while (count-- > 0) openssl_pair(shape);
                     },
                     {}});
  for (const auto& [path, name] : kFactoryPaths) {
    if (!factory_has(path)) {
      std::printf("%s: not on this processor\n", name);
      continue;
    }
    const auto factory = std::make_shared<KeyFactory>(botan::random, path);
    factory->make(shape, 8);  // what is made once a shape
    const std::size_t count = path == FactoryPath::ifma ? 160 : path == FactoryPath::avx2 ? 64 : 32;
    runners.push_back({name, count, [=](std::size_t n) { factory->make(shape, n); }, {}});
  }
  for (std::size_t i = 0; i < turns; ++i)
    for (Runner& runner : runners) runner.turn();
  for (const Runner& runner : runners)
    std::printf("%4u bits, e = %5u  %-8s  %8.1f pairs/s  %6.2f times OpenSSL\n", shape.bits,
                shape.exponent, runner.name, 1 / runner.seconds(),
                runners.front().seconds() / runner.seconds());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Speed and statistics of the key factory");
  std::size_t turns = 20;
  std::size_t count = 0;
  RsaShape shape;
  std::string path = "automatic";
  app.add_option("--turns", turns, "turns of each maker");
  app.add_option("--campaign", count, "make so many pairs and look at them");
  app.add_option("--bits", shape.bits, "of the campaign's moduli");
  app.add_option("--exponent", shape.exponent, "of the campaign's pairs");
  app.add_option("--path", path, "of the campaign")
      ->check(CLI::IsMember({"automatic", "ifma", "avx2", "portable"}));
  CLI11_PARSE(app, argc, argv);
  if (count > 0) {
    FactoryPath taken = FactoryPath::automatic;
    for (const auto& [each, name] : kFactoryPaths)
      if (path == name) taken = each;
    KeyFactory factory(botan::random, taken);
    return campaign(factory, shape, count) ? 0 : 1;
  }
  for (const unsigned bits : {1152U, 1408U, 1984U})
    for (const unsigned exponent : {65537U, 3U}) compare({bits, exponent}, turns);
  return 0;
}
