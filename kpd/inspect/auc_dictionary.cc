#include "kpd/inspect/dictionary.h"

namespace kpd::inspect {
namespace {

constexpr BitMeaning kBits[] = {
    {1, 8, "domestic cash"},     {1, 7, "international cash"},
    {1, 6, "domestic goods"},    {1, 5, "international goods"},
    {1, 4, "domestic services"}, {1, 3, "international services"},
    {1, 2, "at ATMs"},           {1, 1, "at terminals other than ATMs"},
    {2, 8, "domestic cashback"}, {2, 7, "international cashback"},
};

}  // namespace

std::span<const BitMeaning> auc_bits() {
  return kBits;
}

}  // namespace kpd::inspect
