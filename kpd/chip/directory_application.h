/// A directory of applications: PSE (1PAY.SYS.DDF01) or PPSE.
#pragma once

#include "kpd/chip/application.h"
#include "kpd/chip/records.h"

namespace kpd::chip {

/// Takes records and an FCI (9102), then answers SELECT and READ RECORD (EMV 4.4 Book 1, 12.2).
/// Complete when the FCI is there and, if it names a directory file (88), that file's record 1.
class DirectoryApplication : public Application {
 public:
  using Application::Application;

  void erase() override;
  DgiKind kind_of(DgiId id) const override;
  Status load(DgiId id, ByteView value) override;
  void reset() override {}
  Answer process(const Command& command) override;

 protected:
  bool is_complete() override;
  bool is_blocked() const override { return false; }
  ByteView fci() const override { return fci_; }

 private:
  Records records_;
  Bytes fci_;
};

}  // namespace kpd::chip
