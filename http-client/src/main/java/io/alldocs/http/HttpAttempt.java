package io.alldocs.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request that ended.
 *
 * @param method GET, HEAD, PUT, POST or DELETE
 * @param origin scheme, host and port that were asked
 * @param status of the answer; 0 when none came
 * @param problem why no whole answer came, in a few words of a fixed set; null when one came, whatever its status
 * @param attempt 1 for the first one of a call
 * @param time from the moment when the host's limiter let the request start until its answer was read
 */
public record HttpAttempt(
        String method, String origin, int status, @Nullable String problem, int attempt, Duration time) {}
