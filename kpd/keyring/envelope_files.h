/// Components in files that are printed for envelopes: the one file into which clear components go,
/// because an officer asked for it.
#pragma once

#include <filesystem>
#include <vector>

#include "kpd/keyring/ceremony.h"

namespace kpd {

/// One private file a component. Unless keep() is called they go with this object, emptied first.
class EnvelopeFiles {
 public:
  /// The folder is made, private, when it is not there. Throws Failure(io).
  explicit EnvelopeFiles(std::filesystem::path folder);
  ~EnvelopeFiles();
  EnvelopeFiles(const EnvelopeFiles&) = delete;
  EnvelopeFiles& operator=(const EnvelopeFiles&) = delete;

  /// LABEL-component-1-of-3.txt. Never over a file that is there: Failure(io).
  void write(const CeremonyKey& key, std::size_t number, const hsm::Secret& text,
             const std::string& kcv, const std::string& key_kcv);
  void keep() { kept_ = true; }
  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> files_;
  bool kept_ = false;
};

}  // namespace kpd
