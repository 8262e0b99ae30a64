# Build types: Release (assertions stay on), Debug, Asan (address + undefined), Tsan, Fuzz (clang,
# libFuzzer + address + undefined), FuzzCover (clang, counts what the fuzz targets run), Cover (gcc, counts what runs).
# Warnings are errors in all of them, with gcc and with clang.

add_compile_options(
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wvla -Wformat=2 -fno-omit-frame-pointer -fstack-protector-strong)
add_compile_definitions(_GNU_SOURCE)

set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g3")
set(SANITIZE_ADDRESS "-fsanitize=address,undefined -fno-sanitize-recover=all")
set(CMAKE_C_FLAGS_ASAN "-O1 -g ${SANITIZE_ADDRESS}")
set(CMAKE_EXE_LINKER_FLAGS_ASAN "${SANITIZE_ADDRESS}")
set(CMAKE_C_FLAGS_TSAN "-O1 -g -fsanitize=thread")
set(CMAKE_EXE_LINKER_FLAGS_TSAN "-fsanitize=thread")
set(CMAKE_C_FLAGS_FUZZ "-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all")
set(CMAKE_EXE_LINKER_FLAGS_FUZZ "${SANITIZE_ADDRESS}")
set(CMAKE_C_FLAGS_FUZZCOVER "-O1 -g -fprofile-instr-generate -fcoverage-mapping")
set(CMAKE_EXE_LINKER_FLAGS_FUZZCOVER "-fprofile-instr-generate")
# Threads count together: without atomic updates their counts would be lost, or negative.
set(CMAKE_C_FLAGS_COVER "-O0 -g --coverage -fprofile-update=atomic")
set(CMAKE_EXE_LINKER_FLAGS_COVER "--coverage")

if(CMAKE_BUILD_TYPE MATCHES "^Fuzz" AND NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "The ${CMAKE_BUILD_TYPE} build needs clang: cmake -DCMAKE_C_COMPILER=clang")
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Cover" AND NOT CMAKE_C_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR "The Cover build needs gcc: cmake -DCMAKE_C_COMPILER=gcc")
endif()
