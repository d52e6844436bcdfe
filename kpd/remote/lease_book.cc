#include "kpd/remote/lease_book.h"

#include <fmt/format.h>

#include "emvcrypto/aead.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long a client that asks anew waits for its own last command.
constexpr milliseconds kOwnCommandPatience{5'000};

std::string random_id() {
  return std::string(emvcrypto::as_text(emvcrypto::system_random(kRemoteIdSize)));
}

}  // namespace

/// A call of the holder's: the lease is not idle meanwhile.
class LeaseBook::Call {
 public:
  Call(LeaseBook& book, const std::string& lease) : book_(book) {
    const std::lock_guard lock(book_.mutex_);
    entry_ = book_.find(lease);
    if (entry_ == nullptr) throw LeaseEnded("this host knows no such lease");
    slot_ = entry_->slot;
    ++entry_->calls;
    entry_->last_call = book_.options_.now();
  }
  ~Call() {
    const std::lock_guard lock(book_.mutex_);
    if (entry_->slot != slot_) return;
    --entry_->calls;
    entry_->last_call = book_.options_.now();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  HeldSlot& slot() { return *slot_; }

 private:
  LeaseBook& book_;
  Entry* entry_;
  std::shared_ptr<HeldSlot> slot_;
};

LeaseBook::LeaseBook(Options options) : options_(std::move(options)) {
  for (const SlotPlace& place : options_.places) entries_[place.name].place = &place;
}

void LeaseBook::tell(const std::string& what) const {
  if (options_.event) options_.event(what);
}

LeaseBook::Entry& LeaseBook::entry_of(const std::string& reader) {
  const auto found = entries_.find(reader);
  if (found == entries_.end()) throw LeaseRefused("this host has no such reader");
  return found->second;
}

LeaseBook::Entry* LeaseBook::find(const std::string& lease) {
  for (auto& [reader, entry] : entries_)
    if (!lease.empty() && entry.lease == lease) return &entry;
  return nullptr;
}

seconds LeaseBook::idle_time(const Entry& entry) const {
  if (entry.calls > 0) return seconds(0);
  return std::chrono::duration_cast<seconds>(options_.now() - entry.last_call);
}

void LeaseBook::refuse_while_held(const Entry& entry, const std::string& client) const {
  const std::string& reader = entry.place->name;
  if (entry.changing_hands)
    throw LeaseRefused(fmt::format("reader {} is just being taken by another client", reader));
  if (entry.lease.empty() || entry.client == client) return;
  if (entry.calls == 0 && options_.now() - entry.last_call >= options_.idle_limit) return;
  throw LeaseRefused(
      fmt::format("reader {} is held by {}, idle for {} s; another client may take it after {} s "
                  "without a call",
                  reader, entry.who, idle_time(entry).count(),
                  std::chrono::duration_cast<seconds>(options_.idle_limit).count()));
}

void LeaseBook::close_former(Entry& entry, const std::string& client) {
  if (!entry.slot) return;
  if (!entry.slot->close(kOwnCommandPatience))
    throw LeaseRefused(fmt::format("reader {} still has a command of {}", entry.place->name,
                                   entry.client == client ? "this client's" : entry.who));
}

std::string LeaseBook::acquire(const std::string& reader, const std::string& client,
                               const std::string& who) {
  std::unique_lock lock(mutex_);
  Entry& entry = entry_of(reader);
  refuse_while_held(entry, client);
  const std::string former = entry.client == client ? "" : entry.who;
  const auto idle = idle_time(entry);
  entry.changing_hands = true;
  lock.unlock();
  std::shared_ptr<HeldSlot> slot;
  std::string refused;
  bool closed = false;
  try {
    close_former(entry, client);
    closed = true;
    slot = std::make_shared<HeldSlot>(entry.place->open());
  } catch (const std::exception& error) {
    refused = error.what();
  }
  lock.lock();
  entry.changing_hands = false;
  if (closed) {
    entry.lease = slot ? random_id() : "";
    entry.client = slot ? client : "";
    entry.who = slot ? who : "";
    entry.slot = slot;
    entry.calls = 0;
    entry.last_call = options_.now();
  }
  const std::string lease = entry.lease;
  lock.unlock();
  if (!slot) throw LeaseRefused(refused);
  tell(former.empty() ? fmt::format("{}: taken by {}", reader, who)
                      : fmt::format("{}: taken over by {} from {}, idle for {} s", reader, who,
                                    former, idle.count()));
  return lease;
}

remote::StepAnswer LeaseBook::step(const remote::StepRequest& request) {
  Call call(*this, request.lease());
  return call.slot().step(request);
}

void LeaseBook::release(const std::string& lease) {
  std::shared_ptr<HeldSlot> slot;
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = find(lease);
    if (entry == nullptr || entry->changing_hands) return;
    text = fmt::format("{}: let go by {}", entry->place->name, entry->who);
    slot = std::move(entry->slot);
    entry->slot = nullptr;
    entry->lease.clear();
    entry->client.clear();
    entry->who.clear();
  }
  slot->close(kOwnCommandPatience);
  tell(text);
}

}  // namespace kpd
