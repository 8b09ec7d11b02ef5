// What libcurl's results mean, in plain words.
#pragma once

#include <curl/curl.h>

#include <string>

#include "net/http.h"

namespace godwit::net {

// How far a transfer came.
struct TransferEnd {
    CURLcode code = CURLE_OK;
    std::string curl_text;  // libcurl's own words.
    std::string url;
    std::string ca_file;
    bool connection_reused = false;
    bool whole_request_sent = false;
    bool reply_begun = false;
    int64_t max_reply_bytes = 0;
};

HttpFailure explain_failure(const TransferEnd& end);

// Scheme, host and port of a URL: what a message may show of it.
std::string origin_of(std::string_view url);

}  // namespace godwit::net
