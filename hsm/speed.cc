#include <array>
#include <functional>

#include "hsm/probe.h"

namespace hsm {

namespace {

using Clock = std::chrono::steady_clock;

/// `work` does so many operations a call.
double per_second(std::chrono::milliseconds each, double operations,
                  const std::function<void()>& work) {
  const auto start = Clock::now();
  double done = 0;
  std::chrono::duration<double> passed{0};
  do {
    work();
    done += operations;
    passed = Clock::now() - start;
  } while (passed < each);
  return done / passed.count();
}

class Meter {
 public:
  Meter(Token& token, std::chrono::milliseconds each) : token_(token), each_(each) {}

  /// What the device refuses is not listed.
  void add(const std::string& operation, double operations, const std::function<void()>& work) {
    try {
      speeds_.push_back({operation, per_second(each_, operations, work)});
    } catch (const Error& error) {
      if (error.device_lost()) throw;
    }
  }

  Token& token() { return token_; }
  std::vector<Speed> take() { return std::move(speeds_); }

 private:
  Token& token_;
  std::chrono::milliseconds each_;
  std::vector<Speed> speeds_;
};

Secret test_key(std::uint8_t start) {
  Secret key(16);
  for (std::size_t i = 0; i < key.size(); ++i)
    key.expose_mutable()[i] = static_cast<std::uint8_t>(start + 14 * i);
  return key;
}

void add_ciphers(Meter& meter) {
  Token& token = meter.token();
  const Key key = token.create_secret(
      KeyType::des2, test_key(1), {.encrypt = true, .wrap = true, .unwrap = true, .derive = true});
  Bytes two(16), many(4096);
  meter.add("3DES-ECB, 16 bytes a call", 1, [&] { token.encrypt_ecb(key, two); });
  meter.add("3DES-ECB, 4096 bytes a call", 1, [&] { token.encrypt_ecb(key, many); });
  const std::array inputs = {Bytes(16, 0x35)};
  meter.add("card key derived", 1,
            [&] { token.derive(key, inputs, Token::DeriveMode::ecb, {.encrypt = true}); });
  if (token.works(kDeriveWrapDes))
    meter.add("card key derived, wrapped under 3DES, checked", 1,
              [&] { token.derive_wrapped(key, inputs, key); });
  if (!token.works(kRewrapMasked)) return;
  const Bytes block(8, 0x11);
  const std::array secrets = {Passage{block, block}};
  meter.add("PIN block from key to key, format 0 to 2", 1,
            [&] { token.rewrap_ecb(key, key, secrets); });
}

void add_rsa(Meter& meter) {
  constexpr std::size_t kBits = 1408;
  constexpr unsigned kExponent = 65537;
  Token& token = meter.token();
  meter.add("RSA 1408 pair, e = 65537", 1, [&] { token.generate_rsa_exposed(kBits, kExponent); });
  if (!token.works("RSA 1408 e=65537")) return;
  const Key pair = token.generate_rsa(kBits, kExponent, {.sign = true}, "");
  Bytes block(kBits / 8, 0x6A);
  block.front() = 0;
  const std::array blocks = {block};
  meter.add("RSA 1408 signature", 1, [&] { token.sign_raw(pair, blocks); });
}

}  // namespace

std::vector<Speed> measure_speeds(Token& token, std::chrono::milliseconds each) {
  Meter meter(token, each);
  add_ciphers(meter);
  add_rsa(meter);
  return meter.take();
}

}  // namespace hsm
