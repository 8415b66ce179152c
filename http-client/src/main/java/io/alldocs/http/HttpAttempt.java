package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One completed request.
 *
 * @param method GET, HEAD, PUT, POST or DELETE
 * @param origin scheme, host and port of the request
 * @param status of the response; 0 if none arrived
 * @param problem why no complete response arrived, as one of a fixed set of short texts; null if one arrived, whatever
 *     its status
 * @param attempt 1 for the first attempt of a call
 * @param time from the moment when the host's limiter let the request start until its response was read
 */
public record HttpAttempt(
        String method, String origin, int status, @Nullable String problem, int attempt, Duration time) {}
