# Third-party libraries, all from the distribution's packages (tools/install-packages.sh).

find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)

# librocksdb ships no pkg-config file on every distribution we support. The program loads it by the
# name that it would be linked with (store/rocksdb/library.h).
find_path(ROCKSDB_INCLUDE rocksdb/c.h REQUIRED)
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${ROCKSDB_LIBRARY} OUTPUT_VARIABLE rocksdb_headers
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT rocksdb_headers MATCHES "SONAME +([^\n]+)")
  message(FATAL_ERROR "${ROCKSDB_LIBRARY} is not a shared library")
endif()
add_library(rocksdb_c INTERFACE)
target_include_directories(rocksdb_c SYSTEM INTERFACE ${ROCKSDB_INCLUDE})
target_compile_definitions(rocksdb_c INTERFACE ROCKSDB_SONAME="${CMAKE_MATCH_1}")
target_link_libraries(rocksdb_c INTERFACE ${CMAKE_DL_LIBS})

# llhttp where it is packaged (Debian 13, Ubuntu 24.04), else http_parser (Debian 12).
find_path(LLHTTP_INCLUDE llhttp.h)
find_library(LLHTTP_LIBRARY llhttp)
add_library(http_parsing INTERFACE)
if(LLHTTP_INCLUDE AND LLHTTP_LIBRARY)
  target_compile_definitions(http_parsing INTERFACE HAVE_LLHTTP=1)
  target_include_directories(http_parsing SYSTEM INTERFACE ${LLHTTP_INCLUDE})
  target_link_libraries(http_parsing INTERFACE ${LLHTTP_LIBRARY})
else()
  find_path(HTTP_PARSER_INCLUDE http_parser.h REQUIRED)
  find_library(HTTP_PARSER_LIBRARY http_parser REQUIRED)
  target_include_directories(http_parsing SYSTEM INTERFACE ${HTTP_PARSER_INCLUDE})
  target_link_libraries(http_parsing INTERFACE ${HTTP_PARSER_LIBRARY})
endif()
