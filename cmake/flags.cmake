# Flags that every target of the project shares.
add_library(godwit_flags INTERFACE)
target_compile_features(godwit_flags INTERFACE cxx_std_20)
# Those who link the installed library choose their own warnings.
set(godwit_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-gnu-statement-expression)
target_compile_options(godwit_flags INTERFACE $<BUILD_INTERFACE:${godwit_warnings}>)
target_include_directories(godwit_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/godwit>)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_EXTENSIONS ON)
if(GODWIT_WERROR)
  target_compile_options(godwit_flags INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(GODWIT_SANITIZE)
  add_compile_options(-fsanitize=${GODWIT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GODWIT_SANITIZE})
  if(GODWIT_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
add_compile_definitions(GODWIT_VERSION="${PROJECT_VERSION}" GODWIT_INSTALL_LIBDIR="${CMAKE_INSTALL_FULL_LIBDIR}")
# What the program itself needs is linked in: each shared library that it would
# load instead lengthens every start.
set(godwit_static_runtime)
if(NOT GODWIT_SANITIZE)
  set(godwit_static_runtime -static-libgcc -static-libstdc++)
endif()
find_library(GODWIT_SQLITE NAMES libsqlite3.a sqlite3 REQUIRED)
# libcrypto statically: only its SHA-256 is linked in, and the start stays short.
find_library(GODWIT_CRYPTO NAMES libcrypto.a crypto REQUIRED)
