/// A register of the work area: one SQLite file, private, that processes change one after the
/// other.
#pragma once

#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include "kpd/source/soci.h"

namespace kpd {

/// What a register is called and made of.
struct RegisterForm {
  std::string name;                 ///< for people: "key register"
  int format = 1;                   ///< PRAGMA user_version
  std::vector<const char*> tables;  ///< statements that make it
  std::string remedy;               ///< what to do about a damaged one
  bool write_ahead = false;         ///< one sync a change: for registers that change with each card
};

/// Throws Failure: io; try_again when another process holds it too long; hold when the file is
/// damaged, no such register or of another format; usage for a name that SQLite cannot be told.
class SqliteRegister {
 public:
  enum class For { change, reading };

  /// For change: made when it is not there, mode 0600. For reading: as it is; who may write also
  /// mends what a crash left in the middle.
  SqliteRegister(std::filesystem::path file, RegisterForm form, For use);
  SqliteRegister(const SqliteRegister&) = delete;
  SqliteRegister& operator=(const SqliteRegister&) = delete;

  /// Whether there is a file to read. One that cannot be looked at counts: reading it says why.
  static bool is_there(const std::filesystem::path& file);

  soci::session& session() { return session_; }
  const std::filesystem::path& file() const { return file_; }

  /// Runs `work`; what the database answers becomes a Failure.
  template <typename Work>
  auto guarded(const Work& work) {
    try {
      return work();
    } catch (const soci::soci_error& error) {
      fail(error);
    }
  }

  /// Runs `work` as one RegisterChange.
  template <typename Work>
  auto changing(const Work& work);

 private:
  [[noreturn]] void fail(const soci::soci_error& error) const;
  void connect(bool readonly);
  int format();

  std::filesystem::path file_;
  RegisterForm form_;
  soci::session session_;
};

/// A change, there whole or not at all: taken back unless it is committed. Keeps every other
/// process from changing the register while it lives.
class RegisterChange {
 public:
  explicit RegisterChange(SqliteRegister& in);
  ~RegisterChange();
  RegisterChange(const RegisterChange&) = delete;
  RegisterChange& operator=(const RegisterChange&) = delete;
  void commit();

 private:
  SqliteRegister& register_;
  bool open_ = true;
};

template <typename Work>
auto SqliteRegister::changing(const Work& work) {
  return guarded([&] {
    RegisterChange change(*this);
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      change.commit();
    } else {
      auto result = work();
      change.commit();
      return result;
    }
  });
}

}  // namespace kpd
