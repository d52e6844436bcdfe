/// Who holds which reader of a station host.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "kpd/remote/held_slot.h"
#include "kpd/station/slot_place.h"

namespace kpd {

/// Why a reader is not given: it is unknown, held by another client, or gone.
class LeaseRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using RemoteClock = std::function<std::chrono::steady_clock::time_point()>;

/// Gives each reader to one client at a time. A client that makes no call for `idle_limit` loses
/// its reader when another one asks for it; the card is then unpowered. Thread-safe.
class LeaseBook {
 public:
  struct Options {
    std::vector<SlotPlace> places;
    std::chrono::milliseconds idle_limit{120'000};
    std::function<void(const std::string&)> event = {};  ///< one line for the log; no card data
    RemoteClock now = [] { return std::chrono::steady_clock::now(); };
  };
  explicit LeaseBook(Options options);

  const std::vector<SlotPlace>& places() const { return options_.places; }

  /// A fresh lease: 16 bytes by chance. A client (its own 16 bytes) that asks again for what it has
  /// gives the former lease back thereby. `who` is what people are told of the holder. Throws
  /// LeaseRefused, and says who holds the reader and since when it is idle.
  std::string acquire(const std::string& reader, const std::string& client, const std::string& who);

  /// Takes a step for the holder of a lease; see HeldSlot. Throws LeaseEnded for an unknown one.
  remote::StepAnswer step(const remote::StepRequest& request);

  /// Lets go of reader and card; an unknown lease is let go already.
  void release(const std::string& lease);

 private:
  struct Entry {
    const SlotPlace* place = nullptr;
    bool changing_hands = false;
    std::string lease, client, who;  ///< empty: free
    std::shared_ptr<HeldSlot> slot;
    unsigned calls = 0;  ///< that are being answered
    std::chrono::steady_clock::time_point last_call;
  };
  class Call;

  Entry& entry_of(const std::string& reader);
  Entry* find(const std::string& lease);
  void refuse_while_held(const Entry& entry, const std::string& client) const;
  std::chrono::seconds idle_time(const Entry& entry) const;
  void close_former(Entry& entry, const std::string& client);
  void tell(const std::string& what) const;

  Options options_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  ///< by reader; never grows
};

}  // namespace kpd
