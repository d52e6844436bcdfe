/// Where a station's time goes: into the chip and its link, into the keys' device.
#pragma once

#include <chrono>

#include "cps/card.h"
#include "cps/session_keys.h"

namespace kpd {

using Nanoseconds = std::chrono::nanoseconds;

/// Adds the time until its end to `sum`.
class Measured {
 public:
  explicit Measured(Nanoseconds& sum) : sum_(sum) {}
  ~Measured() { sum_ += std::chrono::steady_clock::now() - start_; }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  Nanoseconds& sum_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A card whose commands and resets are timed.
class MeasuredCard final : public cps::Card {
 public:
  MeasuredCard(cps::Card& card, Nanoseconds& sum) : card_(card), sum_(sum) {}

  cps::Bytes atr() const override { return card_.atr(); }
  bool reset(cps::Reset how) override {
    const Measured time(sum_);
    return card_.reset(how);
  }
  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds deadline) override {
    const Measured time(sum_);
    return card_.transmit(command, deadline);
  }

 private:
  cps::Card& card_;
  Nanoseconds& sum_;
};

/// Keys whose work is timed.
class MeasuredKeys final : public cps::KeyService {
 public:
  MeasuredKeys(cps::KeyService& keys, Nanoseconds& sum) : keys_(keys), sum_(sum) {}

  emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                  const emvcrypto::Scp02CardAnswer& answer) override {
    const Measured time(sum_);
    return keys_.scp02_keys(role, answer);
  }
  emvcrypto::Scp03Keys scp03_keys(const std::string& role, const emvcrypto::Scp03CardAnswer& answer,
                                  cps::ByteView host_challenge) override {
    const Measured time(sum_);
    return keys_.scp03_keys(role, answer, host_challenge);
  }
  cps::CardKeyField key_for_card(const std::string& role, cps::ByteView key_data,
                                 emvcrypto::CardKey which,
                                 emvcrypto::SecureChannel& session) override {
    const Measured time(sum_);
    return keys_.key_for_card(role, key_data, which, session);
  }
  cps::Bytes encipher_data(const cps::DataKey& key, bool cbc, cps::ByteView data) override {
    const Measured time(sum_);
    return keys_.encipher_data(key, cbc, data);
  }
  cps::Bytes mac_data(const cps::DataKey& key, cps::ByteView data) override {
    const Measured time(sum_);
    return keys_.mac_data(key, data);
  }
  cps::Bytes random(std::size_t count) override {
    const Measured time(sum_);
    return keys_.random(count);
  }
  cps::Bytes rewrap(cps::ByteView key_id, std::uint8_t mode, cps::ByteView value,
                    emvcrypto::SecureChannel& session) override {
    const Measured time(sum_);
    return keys_.rewrap(key_id, mode, value, session);
  }
  bool mac_is_right(cps::ByteView enciphered_key, cps::ByteView input, cps::ByteView mac) override {
    const Measured time(sum_);
    return keys_.mac_is_right(enciphered_key, input, mac);
  }

 private:
  cps::KeyService& keys_;
  Nanoseconds& sum_;
};

}  // namespace kpd
