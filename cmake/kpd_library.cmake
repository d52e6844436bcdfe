# kpd_library(NAME ...): one of the product's libraries, from every .cc of its folder.
# Headers are included by their path from the root ("emvcrypto/tlv.h").
set(KPD_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                 -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
# GCC 12 warns falsely inside its own <string> and <vector> when it optimises (GCC bugs 105329,
# 105651, 107852).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND KPD_WARNINGS -Wno-restrict -Wno-stringop-overread -Wno-stringop-overflow
       -Wno-array-bounds)
endif()

function(kpd_target_defaults target)
  target_compile_options(${target} PRIVATE ${KPD_WARNINGS})
  if(KPD_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${KPD_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${KPD_SANITIZE})
  endif()
  if(KPD_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

function(kpd_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  add_library(kpd_${name} ${sources})
  add_library(kpd::${name} ALIAS kpd_${name})
  set_target_properties(kpd_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(kpd_${name} PUBLIC cxx_std_20)
  target_include_directories(kpd_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/kpd>)
  kpd_target_defaults(kpd_${name})
endfunction()
