# hashrange_layer(<folder> USES <layers...> [LIBRARIES <third-party...>])
#
# One static library per folder of src/, linked only with the layers it may use. The same lists
# stand in tools/layers.txt, which tools/check-layers.py holds every #include against.

function(hashrange_layer folder)
  cmake_parse_arguments(LAYER "" "" "USES;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.c)
  if(NOT sources)
    add_library(hr_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(hr_${name} STATIC ${sources})
    set(scope PUBLIC)
  endif()
  target_include_directories(hr_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM LAYER_USES REPLACE "/" "_")
  list(TRANSFORM LAYER_USES PREPEND hr_)
  target_link_libraries(hr_${name} ${scope} ${LAYER_USES} ${LAYER_LIBRARIES} Threads::Threads)
endfunction()
