/// The loader: one CPS record into one chip, as a dialogue (EMV CPS 1.1, 3.2 and 4). It knows
/// neither the device that holds the keys nor the reader.
#pragma once

#include "cps/dialogue.h"
#include "cps/load_result.h"
#include "cps/session_keys.h"
#include "cps/store_data.h"

namespace cps {

/// Which channels a card may be loaded through, whatever its record asks for.
struct ChannelPolicy {
  bool scp02 = true, scp03 = true;
  std::uint8_t least_level = 0x00;  ///< bits that the security level must have
};

/// How a record is loaded.
struct LoadOptions {
  RecordLayout layout;
  CardProfile profile;
  ChannelPolicy channels;
  /// Refuse a record unless each of its applications carries a MAC: what the record says of itself
  /// cannot decide whether it must be authentic. MACs that are there are checked in any case.
  bool require_mac = true;
  /// By the record's applications: those that this card holds already, which are left out. Empty:
  /// none.
  std::vector<bool> held;
};

/// A command as told to an observer.
struct LoadEvent {
  ByteView aid;                                   ///< valid during the call
  std::string command;                            ///< as LoadResult::command
  std::size_t application = 0, applications = 0;  ///< place of the application, how many
  std::size_t block = 0, blocks = 0;  ///< STORE DATA commands: this one, how many; 0, 0: not one
  ByteView chip;                      ///< as LoadResult::chip
  bool stores = true;  ///< what the card holds may change; false: EXTERNAL AUTHENTICATE
};

/// What a journal or an operator's display may hang on. Whatever a hook throws ends the dialogue.
class LoadObserver {
 public:
  virtual ~LoadObserver() = default;

  /// The record's MACs and plan are right; the card has seen nothing yet.
  virtual void before_first_apdu(const Record& record) = 0;

  /// Before each command that the card cannot take back: EXTERNAL AUTHENTICATE (a failure may use
  /// up a try), the first and the last STORE DATA of an application; and before the first command
  /// that a script makes itself.
  virtual void before_irreversible(const LoadEvent& event) = 0;

  /// After each STORE DATA that the card accepted, or refused as VERCNTL allows.
  virtual void progress(const LoadEvent& event) = 0;
};

/// The observer that takes no notice.
class NullLoadObserver final : public LoadObserver {
 public:
  void before_first_apdu(const Record&) override {}
  void before_irreversible(const LoadEvent&) override {}
  void progress(const LoadEvent&) override {}
};

/// Loads every application of the record, in order. Checks the record's MACs and plans all commands
/// before the first APDU, the card's cryptogram before EXTERNAL AUTHENTICATE; moves each secret
/// from its transport key to the session's DEK just before the command that carries it. What `keys`
/// or `observer` throw comes out of Dialogue::take(). All arguments must live as long as the
/// dialogue.
Dialogue<LoadResult> load_record(const Record& record, const LoadOptions& options, KeyService& keys,
                                 LoadObserver& observer);

/// The loader's check of a record's MACs: nothing when it may be loaded, otherwise a result with
/// mac_missing or mac_wrong and the application's AID.
std::optional<LoadResult> check_macs(const Record& record, const LoadOptions& options,
                                     KeyService& keys);

}  // namespace cps
