/// A conveyor in a slot: the next chip at every cold power-on.
#pragma once

#include "kpd/chip/chip.h"

namespace kpd::chip {

/// Gives the card keys of a chip from its KEYDATA (10 bytes), as the manufacturer derives them.
using CardKeySource = std::function<CardKeys(ByteView key_data)>;

/// What a carousel presents.
struct CarouselConfig {
  ChipModel model;
  Bytes kmc_id;                    ///< KMCID, 6 bytes
  std::uint32_t first_serial = 1;  ///< CSN of the first chip; the next ones count up
  std::size_t count = 1;
  CardKeySource keys;
  /// Whether a chip that saw no command since its power-on gives way as well. pcscd switches the
  /// power on when it notices a card, off when nobody uses it, and on again for its first user.
  bool skip_unused = true;
  bool keep_finished = true;  ///< false: a chip that gives way is destroyed
  bool endless = false;       ///< after the last chip the first one comes again; all are kept
};

/// Chips that are made when their turn comes and presented one after the other: the first at the
/// first cold power-on, the next at each further one, the same again on a warm reset. When the last
/// loses its power the slot is empty. One thread at a time.
class Carousel : public ChipPort {
 public:
  /// Throws std::invalid_argument when a length in the configuration is wrong.
  explicit Carousel(CarouselConfig config, Random random = system_random());

  Bytes atr() const override;
  Bytes power_on() override;
  void power_off() override;
  Bytes warm_reset() override;
  Bytes transmit(ByteView apdu) override;

  /// How many chips were presented so far; the present one is the last of them.
  std::size_t presented() const { return next_; }

  /// The n-th chip, from 0; null when it was not presented yet or not kept.
  Chip* chip(std::size_t n) const { return n < chips_.size() ? chips_[n].get() : nullptr; }

  /// Presents the kept chips again from the first, for a second pass.
  void rewind();

 private:
  std::unique_ptr<Chip> make_chip(std::size_t n) const;
  Chip* present() const { return next_ == 0 ? nullptr : chip(next_ - 1); }

  CarouselConfig config_;
  Random random_;
  std::vector<std::unique_ptr<Chip>> chips_;
  std::size_t next_ = 0;
  bool powered_ = false;
  bool used_ = false;  ///< the present chip saw a command
};

}  // namespace kpd::chip
