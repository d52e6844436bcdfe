// The roles of keys as data.
#include <array>

#include "kpd/area/area.h"
#include "kpd/keyring/roles.h"

namespace kpd {
namespace {

using enum KeyAlgorithm;
using Algorithms = std::vector<KeyAlgorithm>;
using Codes = std::vector<std::string_view>;

// Parties' uses that many roles share.
const std::vector<RoleUse> kZoneKey{{kBackOffice, "encrypt", "encrypt,wrap"},
                                    {"", "decrypt", "decrypt,unwrap"}};
const std::vector<RoleUse> kTransportKek{{kPersonaliser, "unwrap", "unwrap,encrypt,decrypt"},
                                         {"", "wrap", "wrap,encrypt,decrypt"}};
const std::vector<RoleUse> kMaster{{kIssuerHost, "derive", "derive,encrypt"},
                                   {"", "encrypt", "encrypt,derive"}};
const std::vector<RoleUse> kChecked{{"", "encrypt", "encrypt"}};

const std::vector<KeyRole> kRoles{
    {"KEK1", "zone key under which the back office sends PIN blocks and keys",
     Algorithms{des2, des3, aes128, aes192, aes256}, Codes{"P0", "K0", "D0"}, "BDEN", kZoneKey,
     false, true},
    {"KEK2-KEY", "key encryption key to the personaliser, for card keys",
     Algorithms{aes256, aes128, aes192, des2, des3}, Codes{"K0"}, "BDEN", kTransportKek, false,
     true},
    {"KEK2-PIN", "key encryption key to the personaliser, for PINs",
     Algorithms{aes256, aes128, aes192, des2, des3}, Codes{"K0", "P0"}, "BDEN", kTransportKek,
     false, true},
    {"IMK-AC", "issuer master key for application cryptograms",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E0"}, "XN", kMaster},
    {"IMK-SMC", "issuer master key for secure messaging, confidentiality",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E1"}, "XN", kMaster},
    {"IMK-SMI", "issuer master key for secure messaging, integrity",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E2"}, "XN", kMaster},
    {"IMK-DAC", "issuer master key for data authentication codes",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E3"}, "XN", kMaster},
    {"IMK-IDN", "issuer master key for ICC dynamic numbers",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E4"}, "XN", kMaster},
    {"IMK-CVC3", "issuer master key for dynamic card verification codes",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E6"}, "XN", kMaster},
    {"IMK-OTHER", "issuer master key of another application, as a purse",
     Algorithms{des2, aes128, aes192, aes256}, Codes{"E6"}, "XN", kMaster},
    {"KMC", "master key of the chips' initial keys", Algorithms{des2, aes128, aes192, aes256},
     Codes{"E5"}, "XN",
     std::vector<RoleUse>{{kManufacturer, "encrypt", "encrypt,derive"},
                          {"", "derive", "derive,encrypt"}},
     false, true},
    {"CVK", "card verification values", Algorithms{des2}, Codes{"C0"}, "CGVN", kChecked},
    {"CVK-A", "key A of a CVK twice, for devices that refuse single DES", Algorithms{des2},
     Codes{"C0"}, "CGVN", kChecked, true},
    {"PVK", "PIN verification values and PIN offsets", Algorithms{des2, des3},
     Codes{"V2", "V1", "V0"}, "CGVN", kChecked},
    {"MAC", "integrity of card files", Algorithms{des2, aes128}, Codes{"M3", "M6", "K0"}, "CGVBDN",
     std::vector<RoleUse>{{"", "decrypt", "decrypt"}}, false, true},
    {"STORAGE", "what stands between two stages", Algorithms{aes256, aes192, aes128}, Codes{"D0"},
     "BN", std::vector<RoleUse>{{"", "encrypt,decrypt", "encrypt,decrypt"}}},
    {"MAILER", "PINs for the printer of PIN mailers", Algorithms{des2, des3, aes128, aes256},
     Codes{"P0"}, "BEN", kChecked, false, true},
    {"KBPK", "key block protection key", Algorithms{aes256, aes128, aes192, des2, des3},
     Codes{"K1"}, "BN", std::vector<RoleUse>{{"", "encrypt", "encrypt,decrypt"}}, false, true},
    {"KEK", "key encryption key for keys of other holders", Algorithms{aes256, aes128, aes192},
     Codes{"K0"}, "BDEN", std::vector<RoleUse>{{"", "wrap,unwrap", "wrap,unwrap"}}, false, true},
    {"TRANSPORT", "RSA pair under which others send keys", Algorithms{rsa}, Codes{}, "",
     std::vector<RoleUse>{{"", "unwrap", "unwrap,decrypt"}}},
    {"ISSUER", "RSA pair that signs cards' certificates and static data", Algorithms{rsa}, Codes{},
     "", std::vector<RoleUse>{{"", "sign", "sign"}}},
};

}  // namespace

std::span<const KeyRole> key_roles() {
  return kRoles;
}

}  // namespace kpd
