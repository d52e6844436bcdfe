/// Every function of the calculator. Each is defined beside its body; catalogue.cc puts them in
/// their places.
#pragma once

#include "kpd/calc/function.h"

namespace kpd::calc {

extern const Function kAip;
extern const Function kAuc;
extern const Function kTvr;
extern const Function kCvm;
extern const Function kAfl;
extern const Function kUdk;
extern const Function kKdc;
extern const Function kRecover;
extern const Function kCaHash;
extern const Function kOdaData;
extern const Function kArqc;
extern const Function kArpc;
extern const Function kVersions;
extern const Function kCvc3Iv;
extern const Function kCvc3Dynamic;
extern const Function kCvc3Static;
extern const Function kIbm3624Pin;
extern const Function kIbm3624Offset;
extern const Function kDac;
extern const Function kVariant;
extern const Function kAesAc;
extern const Function kAesArpc;
extern const Function kTr31Show;
extern const Function kTr31Unwrap;
extern const Function kTr31Wrap;
extern const Function kKcv;
extern const Function kComponentsCombine;
extern const Function kComponentsSplit;
extern const Function kMac;
extern const Function kSdaVerify;
extern const Function kSdaSign;
extern const Function kDdaVerify;
extern const Function kDdaSign;
extern const Function kCdaVerify;
extern const Function kCdaSign;
extern const Function kDgiShow;
extern const Function kDgiBuild;
extern const Function kCpsRecord;
extern const Function kApdu;
extern const Function kStatus;
extern const Function kPinblockEncode;
extern const Function kPinblockDecode;
extern const Function kPinblockTranslate;
extern const Function kScp02Keys;
extern const Function kScp02Session;
extern const Function kScp03Keys;
extern const Function kScp03Session;
extern const Function kScriptMac;
extern const Function kScriptEncipher;
extern const Function kPinChange;
extern const Function kSk;
extern const Function kPan;
extern const Function kTrack2Show;
extern const Function kTrack2Build;
extern const Function kTlvShow;
extern const Function kTlvBuild;
extern const Function kDolShow;
extern const Function kDolFill;
extern const Function kCvv;
extern const Function kCvv2;
extern const Function kIcvv;
extern const Function kPvv;

}  // namespace kpd::calc
