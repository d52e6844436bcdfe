/// What must be unique about certificates of a work area: requests by their numbers, serial numbers
/// of cards' certificates by job, serial numbers that the test CA gives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kpd {

class RegisterChange;

/// A request that went to a scheme. Bytes are hexadecimal; `key` is key_fingerprint().
struct CertificateRequest {
  std::string issuer, key_uri, key, format, rid, issuer_id, tracking, key_index, expiry, made;
};

/// The serial numbers that one job may give to certificates under one issuer key.
struct SerialRange {
  std::string key;  ///< key_fingerprint()
  std::string issuer;
  std::uint32_t first = 0, last = 0;
  std::string job, digest, made;
  bool used = false;  ///< cards may have been signed with them
};

/// An SQLite file, private to its owner. Processes change it one after the other; what a method
/// does is there whole or not at all.
class CertificateRegister {
 public:
  /// Opens the file, and makes it when it is not there. Throws Failure: io; hold when it is no such
  /// register; try_again when another process keeps it for half a minute.
  static CertificateRegister open(const std::filesystem::path& file);
  /// For those who only read; nothing when the file is not there.
  static std::optional<CertificateRegister> read(const std::filesystem::path& file);
  ~CertificateRegister();
  CertificateRegister(CertificateRegister&&) noexcept;
  CertificateRegister& operator=(CertificateRegister&&) noexcept;

  std::vector<CertificateRequest> requests();
  /// Throws Failure(hold) when the tracking number went to the same scheme for another key.
  void add_request(const CertificateRequest& request);

  std::vector<SerialRange> serials();
  /// All of a job's ranges or none. A plan that has its ranges already keeps them; `used` is noted
  /// for good. Throws
  /// Failure(hold) when another plan has a serial of one: whose it is, and which are free.
  void claim(const std::vector<SerialRange>& ranges);
  /// Gives back the ranges of a plan (the start of its digest, 8 digits at least) none of whose
  /// cards was made. Returns how many ranges; throws Failure(usage) when several plans start so,
  /// Failure(hold) when some are used.
  std::size_t release(const std::string& digest);

  /// The next serial number of a CA key: 1, 2 ...
  std::uint32_t next_ca_serial(const std::string& key);

  /// Keeps every other process from changing the work area's certificates while it lives.
  class Lock {
   public:
    explicit Lock(CertificateRegister& in);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    std::unique_ptr<RegisterChange> change_;
  };

  struct State;

 private:
  explicit CertificateRegister(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kpd
