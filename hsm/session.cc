#include "hsm/session.h"

#include <exception>

namespace hsm {

Session::Session(std::shared_ptr<Calls> calls, CK_SLOT_ID slot,
                 std::shared_ptr<std::atomic<CK_RV>> lost)
    : calls_(std::move(calls)), lost_(std::move(lost)) {
  const CK_RV rv =
      calls_->run(HSM_CALL(C_OpenSession), slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                  static_cast<void*>(nullptr), CK_NOTIFY{nullptr}, &handle_);
  if (rv != CKR_OK) {
    note("C_OpenSession", rv);
    throw Error("C_OpenSession", rv);
  }
}

Session::~Session() {
  calls_->run(HSM_CALL(C_CloseSession), handle_);
}

void Session::note(const char* name, CK_RV rv) {
  if (Error(name, rv).device_lost()) *lost_ = rv;
}

SessionPool::Lease SessionPool::borrow() {
  if (const CK_RV rv = *lost_; rv != CKR_OK) throw Error("an earlier call", rv);
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(session)};
    }
  }
  return {*this, std::make_shared<Session>(calls_, slot_, lost_)};
}

void SessionPool::give_back(std::shared_ptr<Session> session) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(session));
}

SessionPool::Lease::Lease(SessionPool& pool, std::shared_ptr<Session> session)
    : pool_(pool), session_(std::move(session)), exceptions_(std::uncaught_exceptions()) {}

SessionPool::Lease::~Lease() {
  if (std::uncaught_exceptions() > exceptions_) return;
  try {
    pool_.give_back(std::move(session_));
  } catch (const std::exception&) {
    // Without memory for the list the session is closed instead.
  }
}

}  // namespace hsm
