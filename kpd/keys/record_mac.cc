#include "kpd/keys/record_mac.h"

#include "hsm/probe.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {

Bytes RecordMac::draw_key() {
  return token_->random(16);
}

/// ECB enciphers each block by itself: the left half three times is (KL, KL, KL), single DES on
/// devices that refuse it.
emvcrypto::RetailMacKey RecordMac::open_inside(ByteView enciphered_key) const {
  const hsm::Usage usage{.encrypt = true};
  const ByteView left = enciphered_key.first(8);
  return {std::make_unique<HsmCipher>(
              token_, token_->unwrap_ecb(mac_, emvcrypto::concat({left, left, left}), usage)),
          std::make_unique<HsmCipher>(token_, token_->unwrap_ecb(mac_, enciphered_key, usage))};
}

emvcrypto::RetailMacKey RecordMac::open_in_host(ByteView enciphered_key) {
  windows_.open(Window::record_mac, 1);
  emvcrypto::Secret key(enciphered_key);
  token_->decrypt_ecb(mac_, key.expose_mutable());
  emvcrypto::Secret left(24);  // (KL, KL, KL), as above
  for (std::size_t i = 0; i < left.size(); ++i) left.expose_mutable()[i] = key.expose()[i % 8];
  const hsm::Usage usage{.encrypt = true};
  return {
      std::make_unique<HsmCipher>(token_, token_->create_secret(hsm::KeyType::des3, left, usage)),
      std::make_unique<HsmCipher>(token_, token_->create_secret(hsm::KeyType::des2, key, usage))};
}

RecordMac::Opened RecordMac::open(ByteView enciphered_key) {
  const std::lock_guard lock(mutex_);
  Bytes name(enciphered_key.begin(), enciphered_key.end());
  if (const auto known = opened_.find(name); known != opened_.end()) return known->second;
  if (opened_.size() >= kMaxOpened) opened_.clear();
  const bool inside = mac_.usage().unwrap && token_->works(hsm::kUnwrapDes);
  auto opened = std::make_shared<const emvcrypto::RetailMacKey>(
      inside ? open_inside(enciphered_key) : open_in_host(enciphered_key));
  return opened_.emplace(std::move(name), std::move(opened)).first->second;
}

std::vector<Bytes> RecordMac::macs(ByteView enciphered_key, std::span<const Bytes> inputs) {
  std::vector<Bytes> padded;
  padded.reserve(inputs.size());
  for (const Bytes& input : inputs) padded.push_back(emvcrypto::pad_80(input, 8));
  std::vector<Bytes> macs = emvcrypto::retail_macs(*open(enciphered_key), padded);
  for (Bytes& mac : macs) mac.resize(kMacSize);
  return macs;
}

Bytes RecordMac::whole_mac(ByteView enciphered_key, ByteView input) {
  return emvcrypto::retail_mac(*open(enciphered_key), emvcrypto::pad_80(input, 8));
}

}  // namespace kpd
