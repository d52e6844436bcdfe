/// A dialogue with a card as a resumable machine: last response in, next command (or reset) out.
/// Loader, tester, dry run, trace, replay and remote stations are all drivers of one dialogue.
///
/// A dialogue is written as a coroutine:
///     Dialogue<Verdict> read_card(Context& context) {
///       Command select = ...;
///       const Response fci = co_await send(select);
///       ...
///       co_return verdict;
///     }
/// and may `co_await` another dialogue. The driver calls start() and then answer() until done().
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "cps/apdu.h"
#include "cps/card.h"

namespace cps {

/// What a dialogue asks of a card: a command APDU, or a reset, which is answered by the ATR without
/// a status word, or by a lost card.
using CardRequest = std::variant<Bytes, Reset>;

namespace detail {

/// What the driver and the innermost coroutine share.
struct Exchange {
  std::optional<CardRequest> request;  ///< waiting for the card
  Response response;
  std::coroutine_handle<> resume_at;
};

struct PromiseBase {
  Exchange* exchange = nullptr;
  std::coroutine_handle<> caller;
  std::exception_ptr failure;

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <typename P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      const auto next = self.promise().caller;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

}  // namespace detail

/// co_await of it suspends the whole dialogue until the driver brings the response.
struct AskCard {
  CardRequest request;
  detail::Exchange* exchange = nullptr;

  bool await_ready() const noexcept { return false; }
  template <typename P>
  void await_suspend(std::coroutine_handle<P> self) {
    exchange = self.promise().exchange;
    exchange->request = std::move(request);
    exchange->resume_at = self;
  }
  Response await_resume() { return std::move(exchange->response); }
};
inline AskCard send(const Command& command) {
  return AskCard{command.encode(), nullptr};
}
inline AskCard send_raw(Bytes command) {
  return AskCard{std::move(command), nullptr};
}
inline AskCard reset_card(Reset how) {
  return AskCard{how, nullptr};
}

template <typename T>
class [[nodiscard]] Dialogue {
 public:
  struct promise_type : detail::PromiseBase {
    std::optional<T> result;
    Dialogue get_return_object() {
      return Dialogue(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    void return_value(T value) { result = std::move(value); }
  };

  Dialogue(Dialogue&& other) noexcept
      : handle_(std::exchange(other.handle_, {})), exchange_(std::move(other.exchange_)) {}
  Dialogue& operator=(Dialogue&&) = delete;
  ~Dialogue() {
    if (handle_) handle_.destroy();
  }

  /// Runs to the first request. Call once.
  void start() {
    exchange_ = std::make_unique<detail::Exchange>();
    handle_.promise().exchange = exchange_.get();
    exchange_->resume_at = handle_;
    run();
  }

  bool done() const { return handle_.done(); }

  /// What the card shall get next; not when done.
  const CardRequest& request() const { return *exchange_->request; }

  /// The same where it is a command.
  ByteView command() const { return std::get<Bytes>(request()); }

  /// Brings the card's response and runs to the next request.
  void answer(Response response) {
    exchange_->response = std::move(response);
    exchange_->request.reset();
    run();
  }

  /// The result, once done; rethrows what the dialogue threw.
  T take() {
    if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    return std::move(*handle_.promise().result);
  }

  /// A dialogue inside a dialogue.
  bool await_ready() const noexcept { return false; }
  template <typename P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> outer) {
    handle_.promise().exchange = outer.promise().exchange;
    handle_.promise().caller = outer;
    return handle_;
  }
  T await_resume() { return take(); }

 private:
  explicit Dialogue(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  void run() { std::exchange(exchange_->resume_at, {}).resume(); }

  std::coroutine_handle<promise_type> handle_;
  std::unique_ptr<detail::Exchange> exchange_;
};

/// What a card says to a request.
inline Response ask(Card& card, const CardRequest& request, std::chrono::milliseconds deadline) {
  if (const Bytes* command = std::get_if<Bytes>(&request)) return card.transmit(*command, deadline);
  if (!card.reset(std::get<Reset>(request)))
    return {Response::Kind::lost, {}, "no card answers to the reset"};
  return {Response::Kind::answered, card.atr(), ""};
}

/// Drives a dialogue against a card on this thread.
template <typename T>
T drive(Dialogue<T> dialogue, Card& card, std::chrono::milliseconds deadline) {
  for (dialogue.start(); !dialogue.done();)
    dialogue.answer(ask(card, dialogue.request(), deadline));
  return dialogue.take();
}

}  // namespace cps
