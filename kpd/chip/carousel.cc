#include "kpd/chip/carousel.h"

#include <stdexcept>

namespace kpd::chip {

Carousel::Carousel(CarouselConfig config, Random random)
    : config_(std::move(config)), random_(std::move(random)) {
  if (config_.kmc_id.size() != 6) throw std::invalid_argument("a KMCID has 6 bytes");
  if (!config_.keys) throw std::invalid_argument("a carousel needs a source of card keys");
}

Bytes Carousel::atr() const {
  const bool empty = powered_ ? present() == nullptr : next_ >= config_.count && !config_.endless;
  return empty ? Bytes{} : config_.model.atr;
}

Bytes Carousel::power_on() {
  power_off();
  const bool stays = present() != nullptr && !used_ && !config_.skip_unused;
  if (!stays) {
    if (next_ >= config_.count && config_.endless) rewind();
    if (next_ >= config_.count) return {};
    if (present() != nullptr && !config_.keep_finished) chips_[next_ - 1].reset();
    if (chips_.size() == next_) chips_.push_back(make_chip(next_));
    ++next_;
  }
  powered_ = true;
  used_ = false;
  return present()->power_on();
}

void Carousel::power_off() {
  if (powered_) present()->power_off();
  powered_ = false;
}

Bytes Carousel::warm_reset() {
  return powered_ ? present()->warm_reset() : Bytes{};
}

Bytes Carousel::transmit(ByteView apdu) {
  if (!powered_) return {};
  used_ = true;
  return present()->transmit(apdu);
}

void Carousel::rewind() {
  power_off();
  if (!config_.keep_finished) throw std::logic_error("finished chips were not kept");
  next_ = 0;
}

std::unique_ptr<Chip> Carousel::make_chip(std::size_t n) const {
  ChipConfig config;
  static_cast<ChipModel&>(config) = config_.model;
  config.key_data = config_.kmc_id;
  emvcrypto::append_number(config.key_data, config_.first_serial + n, 4);
  config.keys = config_.keys(config.key_data);
  return std::make_unique<Chip>(std::move(config), random_);
}

}  // namespace kpd::chip
