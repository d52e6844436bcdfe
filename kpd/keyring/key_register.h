/// What a token cannot hold of its keys: versions, states, dates, where they came from.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/dates.h"

namespace kpd {

enum class KeyState {
  pending,   ///< made, not yet in use
  current,   ///< what jobs take; one a name
  valid,     ///< older, still usable by its version
  retired,   ///< refused by jobs
  destroyed  ///< gone from the token; the row stays
};
std::string_view state_name(KeyState state);

/// One key. `token`, `label` and `kcv` say which; never its value.
struct KeyRow {
  std::string token, label, kcv;  ///< kcv: hexadecimal; of an RSA pair: its fingerprint
  std::string name;
  unsigned version = 1;
  std::string role, algorithm;
  KeyState state = KeyState::current;
  std::optional<emvcrypto::Date> from, until;  ///< first and last day of use
  std::string origin;                          ///< "generated", "components" ...
  /// Where it may go (X9.143, Table 6): N nowhere, S under any key, E in key blocks alone.
  char exportability = 'N';
  std::string made_at, made_by, changed_at, changed_by;
};

class RegisterChange;

/// An SQLite file, private to its owner. Processes change it one after the other.
class KeyRegister {
 public:
  /// Opens the file, and makes it when it is not there. Throws Failure: io; hold when it is no
  /// register; try_again when another process keeps it for half a minute.
  static KeyRegister open(const std::filesystem::path& file);
  /// For those who only read; nothing when the file is not there.
  static std::optional<KeyRegister> read(const std::filesystem::path& file);
  ~KeyRegister();
  KeyRegister(KeyRegister&&) noexcept;
  KeyRegister& operator=(KeyRegister&&) noexcept;

  /// A token's rows by name and version; destroyed keys come too.
  std::vector<KeyRow> rows(const std::string& token);

  /// Everything between belongs together: without commit() nothing of it stays. While one lives,
  /// no other process changes the register.
  class Change {
   public:
    explicit Change(KeyRegister& in);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    void commit();

   private:
    std::unique_ptr<RegisterChange> change_;
  };

  // Within a Change:
  void add(const KeyRow& row);
  /// The row that is not destroyed with this token and label.
  void set_state(const KeyRow& row, KeyState state, const std::string& when,
                 const std::string& who);

  struct State;

 private:
  explicit KeyRegister(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kpd
