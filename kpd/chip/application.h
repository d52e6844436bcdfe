/// What every application instance on the chip can do, whatever its kind.
#pragma once

#include "kpd/chip/command.h"
#include "kpd/chip/config.h"
#include "kpd/chip/store_data.h"

namespace kpd::chip {

/// What holds for the whole chip and survives power cycles.
struct CardState {
  bool blocked = false;      ///< CARD BLOCK: every further command is refused
  bool contactless = false;  ///< in a field rather than between contacts; set by each power-on
};

/// How an application takes a data grouping.
enum class DgiKind {
  unknown,
  clear,
  secret  ///< only enciphered
};

/// One application instance: first a vessel for data groupings, then an application.
class Application {
 public:
  explicit Application(Bytes aid) : aid_(std::move(aid)) {}
  virtual ~Application() = default;
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  const Bytes& aid() const { return aid_; }
  bool is_personalised() const { return personalised_; }

  /// Forgets what an unfinished personalisation left.
  virtual void erase() = 0;

  virtual DgiKind kind_of(DgiId id) const = 0;

  /// Whether a secret grouping has a length of its own that is no multiple of 16 bytes, so that it
  /// comes padded under AES.
  virtual bool is_padded(DgiId) const { return false; }

  /// Takes one grouping in clear. 6A80 when its content cannot be right, 6A88 when it is unknown.
  virtual Status load(DgiId id, ByteView value) = 0;

  /// Checks what was loaded as a whole and closes personalisation; 6A86 when something is missing
  /// or does not fit together, and personalisation stays open.
  Status complete() {
    if (!is_complete()) return sw::wrong_parameters;
    personalised_ = true;
    return sw::ok;
  }

  /// The answer to SELECT: 6F { 84 AID, A5 ... }, with 6283 when the application is blocked.
  Answer select() const;

  /// Forgets all volatile state: selection anew, reset, power off.
  virtual void reset() = 0;

  /// Whether it shows itself over the present interface.
  virtual bool is_reachable() const { return true; }

  /// Whether it takes SELECT by file identifier.
  virtual bool has_files() const { return false; }

  /// One command of the personalised application.
  virtual Answer process(const Command& command) = 0;

 protected:
  virtual bool is_complete() = 0;
  virtual bool is_blocked() const = 0;
  /// The FCI proprietary template as loaded, A5 included; empty when there is none yet.
  virtual ByteView fci() const = 0;

 private:
  Bytes aid_;
  bool personalised_ = false;
};

/// Whether `value` is an FCI proprietary template (A5) that fits into a SELECT answer.
bool is_fci_template(ByteView value);

}  // namespace kpd::chip
