/// libpcsclite as a library that is loaded anew for every pcscd: it looks for its socket once.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "kpd/chip/port.h"

namespace chiptest {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// One context at one pcscd (the few calls that the tests need, as winscard.h declares them).
class PcscClient {
 public:
  static constexpr unsigned long kReset = 1;
  static constexpr unsigned long kUnpower = 2;

  explicit PcscClient(const std::filesystem::path& socket) {
    ::setenv("PCSCLITE_CSOCK_NAME", socket.c_str(), 1);
    library_ = ::dlopen("libpcsclite.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error("libpcsclite is missing");
    call<long(unsigned long, const void*, const void*, long*)>("SCardEstablishContext", 2UL,
                                                               nullptr, nullptr, &context_);
  }
  ~PcscClient() {
    symbol<long(long)>("SCardReleaseContext")(context_);
    ::dlclose(library_);
  }
  PcscClient(const PcscClient&) = delete;
  PcscClient& operator=(const PcscClient&) = delete;

  std::vector<std::string> readers() const {
    std::string names(2048, '\0');
    unsigned long size = names.size();
    call<long(long, const char*, char*, unsigned long*)>("SCardListReaders", context_, nullptr,
                                                         names.data(), &size);
    std::vector<std::string> list;
    for (const char* name = names.c_str(); *name != '\0'; name += list.back().size() + 1)
      list.emplace_back(name);
    return list;
  }

  /// Waits for a card in the reader, up to 5 s.
  long connect(const std::string& reader) const {
    long card = 0;
    unsigned long protocol = 0;
    for (int attempt = 0;; ++attempt) {
      const long result =
          symbol<long(long, const char*, unsigned long, unsigned long, long*, unsigned long*)>(
              "SCardConnect")(context_, reader.c_str(), 2, 3, &card, &protocol);
      if (result == 0) return card;
      if (attempt == 100) throw std::runtime_error("no card in " + reader);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void reconnect(long card, unsigned long how) const {
    unsigned long protocol = 0;
    call<long(long, unsigned long, unsigned long, unsigned long, unsigned long*)>(
        "SCardReconnect", card, 2UL, 3UL, how, &protocol);
  }

  void disconnect(long card) const {
    call<long(long, unsigned long)>("SCardDisconnect", card, 0UL);
  }

  Bytes transmit(long card, ByteView apdu) const {
    const struct {
      unsigned long protocol, length;
    } t1{2, 16};
    Bytes answer(300);
    unsigned long size = answer.size();
    call<long(long, const void*, const std::uint8_t*, unsigned long, void*, std::uint8_t*,
              unsigned long*)>("SCardTransmit", card, &t1, apdu.data(), apdu.size(), nullptr,
                               answer.data(), &size);
    answer.resize(size);
    return answer;
  }

 private:
  template <typename Function>
  Function* symbol(const char* name) const {
    void* const found = ::dlsym(library_, name);
    if (found == nullptr) throw std::runtime_error(name);
    return reinterpret_cast<Function*>(found);
  }

  template <typename Function, typename... Arguments>
  void call(const char* name, Arguments... arguments) const {
    if (const long result = symbol<Function>(name)(arguments...); result != 0)
      throw std::runtime_error(std::string(name) + " gave " + std::to_string(result));
  }

  void* library_ = nullptr;
  long context_ = 0;
};

/// A card at a PC/SC reader, as the host's helpers see a chip.
class PcscCard : public kpd::chip::ChipPort {
 public:
  PcscCard(const PcscClient& client, const std::string& reader)
      : client_(client), card_(client.connect(reader)) {}
  ~PcscCard() override { client_.disconnect(card_); }

  Bytes atr() const override { return {}; }
  Bytes power_on() override {
    client_.reconnect(card_, PcscClient::kUnpower);
    return {};
  }
  void power_off() override {}
  Bytes warm_reset() override {
    client_.reconnect(card_, PcscClient::kReset);
    return {};
  }
  Bytes transmit(ByteView apdu) override { return client_.transmit(card_, apdu); }

 private:
  const PcscClient& client_;
  long card_;
};

}  // namespace chiptest
