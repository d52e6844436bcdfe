#include "kpd/remote/held_slot.h"

#include "emvcrypto/hash.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {

void HeldSlot::claim(const remote::StepRequest& request, const emvcrypto::Bytes& digest) {
  if (!slot_) throw LeaseEnded("the reader was given to another client, or back");
  if (request.number() != last_ + 1)
    throw WrongStep("step " + std::to_string(request.number()) + " cannot follow step " +
                    std::to_string(last_));
  last_ = request.number();
  last_digest_ = digest;
  running_ = true;
}

remote::StepAnswer HeldSlot::step(const remote::StepRequest& request) {
  check_step(request);
  const auto digest = emvcrypto::sha256({emvcrypto::as_bytes(request.SerializeAsString())});
  std::unique_lock lock(mutex_);
  if (request.number() == last_ && last_ != 0) {
    if (digest != last_digest_)
      throw WrongStep("step " + std::to_string(last_) + " was another one the first time");
    changed_.wait(lock, [&] { return !running_ || last_ != request.number(); });
    if (last_ == request.number()) return kept_;
  } else {
    changed_.wait(lock, [this] { return !running_; });
  }
  claim(request, digest);
  lock.unlock();
  remote::StepAnswer answer = step_on_slot(*slot_, request);
  lock.lock();
  kept_ = answer;
  running_ = false;
  changed_.notify_all();
  return answer;
}

bool HeldSlot::close(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [this] { return !running_; })) return false;
  slot_.reset();
  return true;
}

}  // namespace kpd
