/// The books of a card file at the stations: what became of each of its cards, whatever ends the
/// program.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kpd {

enum class CardState {
  untouched,  ///< no chip holds anything of it
  begun,      ///< a chip may hold some of it, and its station is at work
  done,       ///< a chip holds it
  failed,     ///< a chip was spoiled, or none took it
  doubt       ///< a chip may hold all of it: nobody saw the end
};

/// "untouched"
const char* name_of(CardState state);

/// One card's line. Holds no cardholder data.
struct CardEntry {
  std::uint64_t card = 0;  ///< its place in the file, from 0
  std::string record;      ///< its record id
  CardState state = CardState::untouched;
  unsigned chips = 0;   ///< how many chips were begun with it
  std::string chip;     ///< KEYDATA of the last of them, hexadecimal; may be empty
  std::string station;  ///< name of the slot
  std::string reason;   ///< how it ended there, in a sentence; PANs masked
  std::string changed;  ///< UTC
};

/// How many cards are in each state; those that were never touched have no line.
struct BookCounts {
  std::uint64_t begun = 0, done = 0, failed = 0, doubt = 0;
};

/// Whose books they are.
struct BookedFile {
  std::string digest;  ///< of the card file, from its trailer
  std::string run;     ///< of the card file's header
};

/// What the books of a card file say; nothing where there are none yet.
struct BooksView {
  BookCounts counts;
  std::vector<CardEntry> entries;  ///< in the file's order
};

/// Reads them, also while a run holds them; at most so many entries, of one state or of all. Throws
/// Failure as CardBooks.
BooksView read_books(const std::filesystem::path& folder, const BookedFile& file,
                     std::optional<CardState> state, std::size_t most);

/// "doubt" to CardState::doubt.
std::optional<CardState> card_state_named(const std::string& name);

/// One SQLite file for a card file, held by one process at a time. Thread-safe. Throws Failure:
/// try_again while another process has them; io; hold when they are damaged.
class CardBooks {
 public:
  /// Where the books of a card file are, in a folder of books.
  static std::filesystem::path place(const std::filesystem::path& folder, const BookedFile& file);

  /// Makes folder and books where there are none. Cards that were begun when their program ended
  /// are in doubt from now on.
  CardBooks(const std::filesystem::path& folder, const BookedFile& file);
  ~CardBooks();
  CardBooks(const CardBooks&) = delete;
  CardBooks& operator=(const CardBooks&) = delete;

  CardState state(std::uint64_t card);
  std::optional<CardEntry> entry(std::uint64_t card);

  /// In the file's order, at most so many.
  std::vector<CardEntry> entries(std::optional<CardState> state, std::size_t most);

  BookCounts counts();

  /// The card's line is on the disk when this returns.
  void write(CardEntry entry);

  /// The card's line will be on the disk soon; a power cut may come first, a killed program may
  /// not, once the writer has it. Throws what an earlier line met.
  void write_soon(CardEntry entry);

  /// Everything written is on the disk.
  void flush();

  class Register;

 private:
  class Lock;

  std::uint64_t enqueue(CardEntry entry);
  void await(std::uint64_t number);
  void write_lines();

  std::unique_ptr<Lock> lock_;
  std::mutex register_mutex_;
  std::unique_ptr<Register> register_;

  std::mutex mutex_;  ///< of what follows
  std::condition_variable work_, written_;
  std::vector<CardEntry> waiting_;
  std::uint64_t asked_ = 0, on_disk_ = 0;
  bool ending_ = false;
  std::exception_ptr failure_;
  std::thread writer_;
};

}  // namespace kpd
