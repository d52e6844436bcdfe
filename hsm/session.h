/// Sessions with one token: opened when needed, lent out, given back. Internal to hsm.
#pragma once

#include <memory>
#include <vector>

#include "hsm/calls.h"

namespace hsm {

/// One read-write session; closed with its last holder. The pool holds it while it is idle, a
/// borrower while it works, and every session key that was made in it: a device destroys session
/// objects with their session.
class Session {
 public:
  /// `lost` is set when the device turns out to be gone.
  Session(std::shared_ptr<Calls> calls, CK_SLOT_ID slot, std::shared_ptr<std::atomic<CK_RV>> lost);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  CK_SESSION_HANDLE handle() const { return handle_; }

  /// Calls a function whose first argument is the session.
  template <typename Function, typename... Arguments>
  CK_RV run(const char* name, Function CK_FUNCTION_LIST::*function, Arguments... arguments) {
    const CK_RV rv = calls_->run(name, function, handle_, arguments...);
    if (rv != CKR_OK) note(name, rv);
    return rv;
  }

  /// As run; throws Error on anything but CKR_OK.
  template <typename Function, typename... Arguments>
  void check(const char* name, Function CK_FUNCTION_LIST::*function, Arguments... arguments) {
    const CK_RV rv = run(name, function, arguments...);
    if (rv != CKR_OK) throw Error(name, rv);
  }

 private:
  void note(const char* name, CK_RV rv);

  std::shared_ptr<Calls> calls_;
  std::shared_ptr<std::atomic<CK_RV>> lost_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
};

/// The sessions of one token. Thread-safe.
class SessionPool {
 public:
  SessionPool(std::shared_ptr<Calls> calls, CK_SLOT_ID slot)
      : calls_(std::move(calls)), slot_(slot) {}

  /// A session of its own for the borrower, back in the pool at the end of the scope; one in which
  /// something failed is not lent again, since an operation may be left open in it.
  class Lease {
   public:
    Lease(SessionPool& pool, std::shared_ptr<Session> session);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Session* operator->() const { return session_.get(); }
    const std::shared_ptr<Session>& session() const { return session_; }

   private:
    SessionPool& pool_;
    std::shared_ptr<Session> session_;
    int exceptions_;
  };

  /// Throws Error when no session can be opened, and at once when the device was lost before:
  /// what is gone is not tried again item by item.
  Lease borrow();

  /// A session that never comes into the pool.
  std::unique_ptr<Session> open_apart() { return std::make_unique<Session>(calls_, slot_, lost_); }

  bool lost() const { return *lost_ != CKR_OK; }

 private:
  void give_back(std::shared_ptr<Session> session);

  std::shared_ptr<Calls> calls_;
  CK_SLOT_ID slot_;
  std::shared_ptr<std::atomic<CK_RV>> lost_ = std::make_shared<std::atomic<CK_RV>>(CKR_OK);
  std::mutex mutex_;
  std::vector<std::shared_ptr<Session>> idle_;
};

}  // namespace hsm
